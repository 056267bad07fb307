//! Both schemas are one schema, and both engines understand every statement alike.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::collections::BTreeSet;

use countersign_store::engine::{EngineKind, Migration, Statement};
use countersign_store::testing::{Prepared, Preparer, TestDatabase, run};
use countersign_store::{MIGRATIONS, all_statements, args, statements};

/// How many statements may have a text for each engine. Raise it only where SQL itself parts.
const MAX_WITH_TWO_TEXTS: usize = 12;

/// The statements that know the table `change` itself, where the sign-ins of sessions stand too: those that run changes, those
/// that must not meet whatever runs, and sessions, each with its own. All others read what people call changes, the view
/// `shown_change`.
const OF_EVERY_RUN: &[&str] = &[
    "changes::runs::BY_ID",
    "changes::runs::DROP_PICTURES",
    "changes::runs::INSERT",
    "changes::runs::LOCK",
    "changes::runs::OPEN",
    "changes::runs::UPDATE",
    "credentials::automation::DUE_CHANGES",
    "credentials::automation::DUE_HEARTBEATS",
    "sessions::list::LIST",
    "sessions::session::BY_ID",
    "sessions::session::OPEN",
];

statements! {
    COLUMNS_OF = "select name from pragma_table_info($1)";
    // Table, column, type, not null, place in the primary key.
    COLUMNS = "select t.name || '.' || c.name || ' ' ||
            case lower(c.type) when 'blob' then 'bytes' when 'integer' then 'number' else lower(c.type) end ||
            case when c.\"notnull\" or c.pk then ' not null' else '' end ||
            case when c.pk then ' key ' || c.pk else '' end
        from sqlite_schema t, pragma_table_info(t.name) c
        where t.type in ('table', 'view') and t.name not like 'sqlite%' and t.name <> 'schema_version'",
        postgres: "select t.relname || '.' || c.attname || ' ' ||
            case format_type(c.atttypid, c.atttypmod) when 'bytea' then 'bytes' when 'uuid' then 'bytes'
                when 'bigint' then 'number' else format_type(c.atttypid, c.atttypmod) end ||
            case when c.attnotnull then ' not null' else '' end ||
            coalesce(' key ' || array_position(k.conkey, c.attnum), '')
        from pg_class t
        join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
        left join pg_constraint k on k.conrelid = t.oid and k.contype = 'p'
        where t.relkind in ('r', 'v') and t.relnamespace = 'public'::regnamespace and t.relname <> 'schema_version'";

    // Index by name, with its columns in order; the primary keys' own are seen above.
    INDEXES = "select t.name || ': ' || case when i.\"unique\" then 'unique ' else '' end || i.name || ' (' ||
            (select group_concat(coalesce(c.name, 'expression') || case when c.desc then ' desc' else '' end, ', ')
             from pragma_index_xinfo(i.name) c where c.key) || ')' ||
            case when i.partial then ' where' else '' end
        from sqlite_schema t, pragma_index_list(t.name) i
        where t.type = 'table' and t.name <> 'schema_version' and i.origin = 'c'",
        postgres: "select t.relname || ': ' || case when i.indisunique then 'unique ' else '' end || n.relname || ' (' ||
            (select string_agg(
                 case when k.attnum = 0 then 'expression' else a.attname end ||
                 case when i.indoption[k.place - 1] & 1 = 1 then ' desc' else '' end, ', ' order by k.place)
             from unnest(i.indkey::int2[]) with ordinality k (attnum, place)
             left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum) || ')' ||
            case when i.indpred is not null then ' where' else '' end
        from pg_index i
        join pg_class t on t.oid = i.indrelid
        join pg_class n on n.oid = i.indexrelid
        where t.relnamespace = 'public'::regnamespace and t.relname <> 'schema_version' and not i.indisprimary";

    // SQLite lets a null into a primary key that is no integer, unless it says `not null`.
    LOOSE_KEYS = "select t.name || '.' || c.name from sqlite_schema t, pragma_table_info(t.name) c
        where t.type = 'table' and c.pk and not c.\"notnull\" and t.sql not like '%without rowid%'
            and not (lower(c.type) = 'integer' and t.sql not like '%primary key (%')";

    FOREIGN_KEYS = "select t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || ' on delete ' || lower(f.on_delete)
        from sqlite_schema t, pragma_foreign_key_list(t.name) f where t.type = 'table'",
        postgres: "select k.conrelid::regclass || '.' || a.attname || ' -> ' || k.confrelid::regclass || ' on delete ' ||
            case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default'
                when 'r' then 'restrict' else 'no action' end
        from pg_constraint k
        cross join unnest(k.conkey) as c (attnum)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.attnum
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace";
}

fn on(kind: EngineKind, body: impl AsyncFnOnce(&TestDatabase)) {
    run(kind, MIGRATIONS, body);
}

fn lines(kind: EngineKind, statement: &Statement) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    on(kind, async |db| {
        let rows = db.fetch_all(statement, args![]).await.unwrap();
        lines = rows.iter().map(|row| row.get::<String>(0).unwrap()).collect();
    });
    lines
}

#[test]
fn both_schemas_are_one_schema() {
    for statement in [&COLUMNS, &INDEXES, &FOREIGN_KEYS] {
        let (sqlite, postgres) = (lines(EngineKind::Sqlite, statement), lines(EngineKind::Postgres, statement));
        assert!(sqlite.len() > 3, "{} found hardly anything: {sqlite:?}", statement.name());
        let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| {
            these.difference(those).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            sqlite,
            postgres,
            "{}: the migrations differ.\nOnly on SQLite:\n{}\nOnly on PostgreSQL:\n{}",
            statement.name(),
            only(&sqlite, &postgres),
            only(&postgres, &sqlite)
        );
    }
}

#[test]
fn no_column_of_sqlite_takes_what_postgres_would_refuse() {
    let loose = lines(EngineKind::Sqlite, &LOOSE_KEYS);
    assert!(loose.is_empty(), "write `primary key not null` in migrations/sqlite for {loose:?}");
}

async fn prepare_all(db: &TestDatabase) -> Vec<Result<Prepared, String>> {
    let mut preparer = Preparer::on(db).await;
    let mut answers = Vec::new();
    for statement in all_statements() {
        answers.push(preparer.prepare(statement).await);
    }
    answers
}

#[test]
fn every_statement_is_understood_alike_by_both_engines() {
    let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
    on(EngineKind::Sqlite, async |db| sqlite = prepare_all(db).await);
    on(EngineKind::Postgres, async |db| postgres = prepare_all(db).await);
    let mut problems = Vec::new();
    for ((statement, sqlite), postgres) in all_statements().iter().zip(sqlite).zip(postgres) {
        let (sqlite, postgres) = match (sqlite, postgres) {
            (Ok(sqlite), Ok(postgres)) => (sqlite, postgres),
            (sqlite, postgres) => {
                problems.extend(sqlite.err().map(|error| format!("SQLite: {error}")));
                problems.extend(postgres.err().map(|error| format!("PostgreSQL: {error}")));
                continue;
            }
        };
        let name = statement.name();
        // A text of several statements is told to have what each of them has, one counted after the other.
        let several = statement.sqlite().contains("; commit");
        let parameters = if several { parameters_of(statement.sqlite()) } else { sqlite.parameters };
        if parameters != postgres.parameters {
            problems.push(format!("{name}: {parameters} parameters and {}", postgres.parameters));
        }
        if sqlite.columns.len() != postgres.columns.len() {
            problems.push(format!("{name}: {} columns and {}", sqlite.columns.len(), postgres.columns.len()));
        }
        for kind in postgres.columns.iter().chain(&postgres.parameter_types) {
            if !["BOOL", "INT8", "TEXT", "BYTEA", "UUID"].contains(&kind.as_str()) {
                problems.push(format!("{name}: {kind} is none of our types; cast it, or cast the parameter"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// How many parameters a text names.
fn parameters_of(sql: &str) -> usize {
    let number = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    sql.split('$').skip(1).map(number).collect::<BTreeSet<_>>().len()
}

/// The engines say it themselves: what knows the table finds it no more under another name, and the view goes along with it.
#[test]
fn the_statements_that_meet_sign_ins_are_listed() {
    const ELSEWHERE: &str = "alter table change rename to change_elsewhere;";
    let number = i64::try_from(MIGRATIONS.len()).unwrap() + 1;
    let renamed = Migration { number, name: "change_elsewhere", sqlite: ELSEWHERE, postgres: ELSEWHERE };
    let steps = [MIGRATIONS, &[renamed]].concat();
    for kind in [EngineKind::Sqlite, EngineKind::Postgres] {
        let mut answers = Vec::new();
        run(kind, &steps, async |db| answers = prepare_all(db).await);
        let mut found = Vec::new();
        for (statement, answer) in all_statements().iter().zip(answers) {
            let Err(error) = answer else { continue };
            let gone = error.contains("no such table: change") || error.contains("relation \"change\" does not exist");
            assert!(gone, "{kind:?}: {error}");
            found.push(statement.name().trim_start_matches("countersign_store::"));
        }
        found.sort_unstable();
        assert_eq!(found, OF_EVERY_RUN, "{kind:?}: read the view `shown_change`, or list the statement here");
    }
}

#[test]
fn names_are_unique_and_few_statements_have_two_texts() {
    let all = all_statements();
    let texts: BTreeSet<_> = all.iter().map(|it| (it.name(), it.sqlite())).collect();
    assert_eq!(texts.len(), all.len(), "a statement is registered twice");
    let two: Vec<_> = all.iter().filter(|it| it.is_two()).map(|it| it.name()).collect();
    assert!(two.len() <= MAX_WITH_TWO_TEXTS, "{} statements have two texts: {two:?}", two.len());
}

/// A column that a table gets later is kept of what is removed, too, or stands here with its reason.
#[test]
fn the_bin_keeps_what_there_is() {
    // What searching and lists are kept by, which is made anew.
    let made_anew: &[&str] = &["name_key", "name_order", "search", "changed", "site_host"];
    // The change that has proven it is gone; an index by tag or site is no grant on a credential alone.
    let pairs: [(&str, &str, &[&str]); 4] = [
        ("credential", "removed_credential", made_anew),
        ("password_version", "removed_password", &["proven_change"]),
        ("step_use", "removed_step", &[]),
        ("access_grant", "removed_grant", &["tag", "site"]),
    ];
    run(EngineKind::Sqlite, MIGRATIONS, async |db: &TestDatabase| {
        let columns = async |table: &str| -> BTreeSet<String> {
            let rows = db.fetch_all(&COLUMNS_OF, args![table]).await.unwrap();
            rows.iter().map(|row| row.get(0).unwrap()).collect()
        };
        for (table, kept, without) in pairs {
            let (of, kept) = (columns(table).await, columns(kept).await);
            let lost: Vec<&str> =
                of.difference(&kept).map(String::as_str).filter(|column| !without.contains(column)).collect();
            assert!(lost.is_empty(), "{table}: {lost:?}");
        }
    });
}
