-- The last layer: not even the owner of the tables can take the triggers away, add a rule or grant a
-- right. Only a superuser can make event triggers; a managed server without one goes without, and
-- `muniment doctor` says so. A migration lifts them in its own transaction.
CREATE EVENT TRIGGER muniment_closed ON ddl_command_end EXECUTE FUNCTION guard.closed();
CREATE EVENT TRIGGER muniment_kept ON sql_drop EXECUTE FUNCTION guard.kept();
ALTER EVENT TRIGGER muniment_closed ENABLE ALWAYS;
ALTER EVENT TRIGGER muniment_kept ENABLE ALWAYS;
