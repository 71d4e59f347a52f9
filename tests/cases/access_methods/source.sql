create access method heap_too type table handler heap_tableam_handler;
create access method tree type index handler bthandler;
comment on access method tree is 't';
