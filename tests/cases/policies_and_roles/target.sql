create table t (a int, b text); alter table t enable row level security; create policy p on t for select to case_ben using (a > 1); create policy q on t to case_cleo using (true);
