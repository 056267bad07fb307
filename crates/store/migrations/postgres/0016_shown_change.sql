-- What people call a change: a password change, a test run or a sign-in check. The sign-in of a session is a row of the table as
-- well, and shows in its session. A step that adds a column for people to see, or takes one away, makes the view anew.
create view shown_change as
    select id, credential, kind, state, reason, asked_by_name, because, note, created_at, started_at, ended_at, not_before,
        waiting_until, candidate, armed_at, attempts, current_tries, candidate_tries, settled_by, asker, site_answer, submitted_at
    from change where kind <> 'sign_in';
