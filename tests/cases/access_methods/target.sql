create access method heap_three type table handler heap_tableam_handler;
create access method tree type index handler hashhandler;
