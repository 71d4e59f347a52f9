create default conversion latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create conversion win for 'WIN1252' to 'UTF8' from win_to_utf8;
