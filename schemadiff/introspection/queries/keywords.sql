-- Words that are quoted as names: every keyword but the unreserved ones.
SELECT word
FROM pg_get_keywords()
WHERE catcode <> 'U'
