-- The trail of the file keyring: which key is about to be opened to read what it sealed, and the
-- event of the ledger that says who, why and on what ground. `muniment reveals` compares the two.
-- A provider with an audit trail of its own has a second one.
CREATE TABLE vault.unwraps (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    key_id       uuid NOT NULL,
    reveal_event uuid                               -- none given: nobody said why
);

CREATE FUNCTION vault.only_added() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the trail is only added to' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.unwraps
    FOR EACH STATEMENT EXECUTE FUNCTION vault.only_added();
ALTER TABLE vault.unwraps ENABLE ALWAYS TRIGGER only_added;

REVOKE ALL ON FUNCTION vault.only_added() FROM PUBLIC;
GRANT SELECT, INSERT (key_id, reveal_event) ON vault.unwraps TO muniment_keys;
