create subscription one connection 'host=a.invalid dbname=x' publication p, "Q" with (connect = false, slot_name = NONE);
create subscription two connection 'host=b.invalid' publication p with (connect = false, slot_name = 'kept', binary = true, streaming = on, synchronous_commit = 'local', disable_on_error, origin = none, run_as_owner, password_required = false);
create subscription three connection 'host=c.invalid' publication p with (connect = false, two_phase);
comment on subscription one is 'one';
