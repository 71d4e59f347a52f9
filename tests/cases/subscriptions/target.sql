create subscription two connection 'host=c.invalid' publication q with (connect = false, streaming = off);
create subscription three connection 'host=c.invalid' publication p with (connect = false);
create subscription four connection 'host=d.invalid' publication p with (connect = false, slot_name = 'left');
