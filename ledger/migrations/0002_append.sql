-- The one way in. Takes a batch of independent appends as parallel arrays and answers each:
--
--   written       first and last position, recorded_at
--   known         the command id was answered before: that first result
--   reused        the command id was answered before, to another actor or request
--   guard         a stream that the decision read has moved (in_way names it)
--   claimed       a permanent key is taken
--   version       an event does not follow the last of its stream: stale or ahead (in_way names it)
--   malformed     no events, or a topic that is not Name/n
--   not_opened    the first event ever is not the LedgerOpened that agrees with muniment.identity
--   time          a given time on a real ledger; none, or one before the head, on a simulated one
--   decide_again  recorded_at would lie outside the interval in which the decision holds
--
-- Whatever is not `written` left no trace, and the rest of the batch goes on. Each is decided by plain
-- checks under one lock; nothing is caught. All that the checks read is read after the lock is held:
-- under READ COMMITTED each statement sees what is committed by then. A caller with an older snapshot
-- would compute a position that is taken and fail on the primary key.
CREATE FUNCTION muniment.append(
    command_ids uuid[], actors text[], request_macs bytea[],
    holds_from timestamptz[], holds_to timestamptz[], given_times timestamptz[],
    guard_counts int[], claim_counts int[], event_counts int[],
    guard_streams uuid[], guard_versions bigint[],
    claim_kinds text[], claim_macs bytea[],
    streams uuid[], versions bigint[], topics text[], states bytea[], salts bytea[]
) RETURNS TABLE (
    no int, answer text, first_position bigint, last_position bigint, written_at timestamptz, in_way uuid
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '5s'
    -- A plan made while the tables were small must not become a scan when they are large.
    SET enable_seqscan = off
AS $$
DECLARE
    opened      bool;
    simulated   bool;
    leaf_start  text;         -- format and origin, the lines that all leaves share
    topic_form  text;
    head        bigint;       -- last position so far, and its time
    head_at     timestamptz;
    written     bool := false;
    guard_to    int := 0;
    claim_to    int := 0;
    event_from  int;
    event_to    int := 0;
    known       record;
    opening     jsonb;
    seen        uuid[];       -- streams of one append, with their last version and leaf
    last_versions bigint[];
    last_leaves bytea[];
    last_version bigint;
    last_leaf   bytea;
    slot        int;
BEGIN
    PERFORM pg_advisory_xact_lock(7885654276);
    SELECT i.use <> 'test', i.clock = 'simulated', E'muniment.leaf/v1\n' || i.origin || E'\n'
        INTO STRICT opened, simulated, leaf_start FROM muniment.identity i WHERE i.one;
    SELECT e.position, e.recorded_at INTO head, head_at
        FROM muniment.events e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    -- The library's own test cases write other topics and begin at 0; no opened ledger accepts that.
    topic_form := CASE WHEN opened THEN '^[A-Z][A-Za-z]+/[1-9][0-9]*$' ELSE '^[ -~]+$' END;

    FOR a IN 1 .. cardinality(command_ids) LOOP
        no := a;
        answer := NULL; first_position := NULL; last_position := NULL; written_at := NULL; in_way := NULL;
        guard_to := guard_to + guard_counts[a];
        claim_to := claim_to + claim_counts[a];
        event_from := event_to + 1;
        event_to := event_to + event_counts[a];

        <<decide>>
        BEGIN
            SELECT c.actor, c.request_mac, c.first_position, c.last_position INTO known
                FROM muniment.commands c WHERE c.command_id = command_ids[a];
            IF FOUND THEN
                IF known.actor IS DISTINCT FROM actors[a]
                    OR known.request_mac IS DISTINCT FROM request_macs[a] THEN
                    answer := 'reused';
                    EXIT decide;
                END IF;
                answer := 'known';
                first_position := known.first_position;
                last_position := known.last_position;
                SELECT e.recorded_at INTO written_at
                    FROM muniment.events e WHERE e.position = known.first_position;
                EXIT decide;
            END IF;

            FOR g IN guard_to - guard_counts[a] + 1 .. guard_to LOOP
                SELECT e.version INTO last_version FROM muniment.events e
                    WHERE e.stream = guard_streams[g] ORDER BY e.version DESC LIMIT 1;
                IF coalesce(last_version, 0) IS DISTINCT FROM guard_versions[g] THEN
                    answer := 'guard';
                    in_way := guard_streams[g];
                    EXIT decide;
                END IF;
            END LOOP;

            FOR c IN claim_to - claim_counts[a] + 1 .. claim_to LOOP
                IF EXISTS (SELECT FROM muniment.claims k
                           WHERE k.kind = claim_kinds[c] AND k.key_mac = claim_macs[c]) THEN
                    answer := 'claimed';
                    EXIT decide;
                END IF;
            END LOOP;

            IF event_counts[a] IS NULL OR event_counts[a] < 1 THEN
                answer := 'malformed';
                EXIT decide;
            END IF;
            seen := '{}'; last_versions := '{}'; last_leaves := '{}';
            FOR i IN event_from .. event_to LOOP
                slot := array_position(seen, streams[i]);
                IF slot IS NULL THEN
                    SELECT e.version, e.leaf_hash INTO last_version, last_leaf FROM muniment.events e
                        WHERE e.stream = streams[i] ORDER BY e.version DESC LIMIT 1;
                    slot := cardinality(seen) + 1;
                    seen[slot] := streams[i];
                    last_leaves[slot] := last_leaf;
                    IF last_version IS NULL THEN
                        last_version := CASE WHEN versions[i] = 0 AND NOT opened THEN -1 ELSE 0 END;
                    END IF;
                ELSE
                    last_version := last_versions[slot];
                END IF;
                IF versions[i] IS DISTINCT FROM last_version + 1 THEN
                    answer := 'version';
                    in_way := streams[i];
                    EXIT decide;
                END IF;
                last_versions[slot] := versions[i];
                IF (topics[i] COLLATE "C" ~ topic_form) IS NOT TRUE
                    OR (opened AND topics[i] = 'LedgerOpened/1' AND head + i > event_from) THEN
                    answer := 'malformed';
                    EXIT decide;
                END IF;
            END LOOP;

            IF opened AND head = 0 THEN
                IF topics[event_from] <> 'LedgerOpened/1' THEN
                    answer := 'not_opened';
                    EXIT decide;
                END IF;
                opening := convert_from(states[event_from], 'UTF8')::jsonb -> 'event';
                IF NOT EXISTS (
                    SELECT FROM muniment.identity i WHERE i.one AND i.ledger = streams[event_from]
                        AND i.ledger::text = opening ->> 'ledger' AND i.origin = opening ->> 'origin'
                        AND i.institution = opening ->> 'institution'
                        AND i.clock = opening ->> 'clock' AND i.zone = opening ->> 'zone') THEN
                    answer := 'not_opened';
                    EXIT decide;
                END IF;
            END IF;

            IF simulated THEN
                written_at := given_times[a];
                IF written_at IS NULL OR written_at < head_at
                    OR written_at < '0001-01-01 UTC' OR written_at >= '10000-01-01 UTC' THEN
                    answer := 'time';
                    EXIT decide;
                END IF;
            ELSIF given_times[a] IS NOT NULL THEN
                answer := 'time';
                EXIT decide;
            ELSE
                written_at := greatest(head_at, clock_timestamp());
            END IF;
            IF written_at < holds_from[a] OR written_at > holds_to[a] THEN
                answer := 'decide_again';
                EXIT decide;
            END IF;

            -- Nothing stands in the way.
            answer := 'written';
            written := true;
            first_position := head + 1;
            FOR i IN event_from .. event_to LOOP
                head := head + 1;
                slot := array_position(seen, streams[i]);
                last_leaf := sha256('\x00'::bytea || convert_to(
                    leaf_start || streams[i] || E'\n' || versions[i] || E'\n' || topics[i] || E'\n'
                    || to_char(written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\n'
                    || encode(sha256(salts[i] || states[i]), 'hex') || E'\n'
                    || octet_length(states[i]) || E'\n'
                    || coalesce(encode(last_leaves[slot], 'hex'), repeat('0', 64)) || E'\n', 'UTF8'));
                last_leaves[slot] := last_leaf;
                INSERT INTO muniment.events
                    (position, stream, version, topic, recorded_at, state, salt, leaf_hash)
                    VALUES (head, streams[i], versions[i], topics[i], written_at, states[i], salts[i],
                            last_leaf);
            END LOOP;
            head_at := written_at;
            last_position := head;
            INSERT INTO muniment.commands (command_id, actor, first_position, last_position, request_mac)
                VALUES (command_ids[a], actors[a], first_position, last_position, request_macs[a]);
            FOR c IN claim_to - claim_counts[a] + 1 .. claim_to LOOP
                -- Only a key that this append names twice can be there already.
                INSERT INTO muniment.claims (kind, key_mac, position)
                    VALUES (claim_kinds[c], claim_macs[c], first_position) ON CONFLICT DO NOTHING;
            END LOOP;
        END decide;
        IF answer NOT IN ('written', 'known') THEN
            written_at := NULL;
        END IF;
        RETURN NEXT;
    END LOOP;
    IF written THEN
        PERFORM pg_notify('muniment', '');
    END IF;
END
$$;

REVOKE ALL ON FUNCTION muniment.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION muniment.append TO muniment_writer;
