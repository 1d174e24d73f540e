-- What says no. Not the owner's: a trigger function that the owner of the tables may replace by one
-- that does nothing is no guard. No setting lifts it either, since anyone could set it.
CREATE SCHEMA guard;
GRANT USAGE ON SCHEMA guard TO muniment_owner;  -- to name refuse() in a trigger

CREATE FUNCTION guard.refuse() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = '42501';
END $$;

-- What is made or changed must lie among the views. GRANT, REVOKE and ALTER DEFAULT PRIVILEGES do not
-- tell an event trigger what they are about, so they are refused wherever they aim.
CREATE FUNCTION guard.closed() RETURNS event_trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    command record;
    place   text;
BEGIN
    FOR command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        -- Triggers, rules and policies have no schema: the first part of their name is their table's.
        place := coalesce(command.schema_name, (pg_identify_object_as_address(
            command.classid, command.objid, command.objsubid)).object_names[1], 'this database');
        IF place <> 'projections' AND NOT starts_with(place, 'pg_temp')
            AND command.command_tag <> 'REINDEX' THEN
            RAISE EXCEPTION '% is refused: % changes by a migration only', command.command_tag, place
                USING ERRCODE = '42501';
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION guard.kept() RETURNS event_trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dropped record;
BEGIN
    FOR dropped IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        IF coalesce(dropped.schema_name, dropped.address_names[1]) IN ('muniment', 'guard') THEN
            RAISE EXCEPTION '% is refused: % is kept', TG_TAG, dropped.object_identity
                USING ERRCODE = '42501';
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION guard.refuse(), guard.closed(), guard.kept() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.refuse() TO muniment_owner;
