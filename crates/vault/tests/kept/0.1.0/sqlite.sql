PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schema_version (
        number integer primary key not null,
        name text not null,
        checksum integer not null,
        applied_at integer not null
    );
INSERT INTO schema_version VALUES(1,'0001_vault',1455388052761349137,0);
INSERT INTO schema_version VALUES(2,'0002_change',-8563920229359756708,0);
INSERT INTO schema_version VALUES(3,'0003_session',-5149511924605312200,0);
INSERT INTO schema_version VALUES(4,'0004_recovery',-7083903910614094527,0);
INSERT INTO schema_version VALUES(5,'0005_proof',-7990324515269611672,0);
INSERT INTO schema_version VALUES(6,'0006_notice',-7559810327921289720,0);
INSERT INTO schema_version VALUES(7,'0007_sign_in',-3028633379039897531,0);
INSERT INTO schema_version VALUES(8,'0008_scope',-5647586041237598323,0);
INSERT INTO schema_version VALUES(9,'0009_mark',-7715741269554696668,0);
INSERT INTO schema_version VALUES(10,'0010_site_answer',-4668531489713598276,0);
INSERT INTO schema_version VALUES(11,'0011_redirected',-3646590155978327350,0);
INSERT INTO schema_version VALUES(12,'0012_playback',8572687531830520803,0);
INSERT INTO schema_version VALUES(13,'0013_first_password',-5597008913335088983,0);
INSERT INTO schema_version VALUES(14,'0014_vault_key',5917924384657444605,0);
INSERT INTO schema_version VALUES(15,'0015_more_marks',-1314058414272622414,0);
INSERT INTO schema_version VALUES(16,'0016_shown_change',4982494373308979632,0);
INSERT INTO schema_version VALUES(17,'0017_audit_block',-660685955863393952,0);
INSERT INTO schema_version VALUES(18,'0018_learnt_pages',2642479987778506128,0);
INSERT INTO schema_version VALUES(19,'0019_credential_changed',4381740106147115433,0);
INSERT INTO schema_version VALUES(20,'0020_grant',-8406794336840243164,0);
INSERT INTO schema_version VALUES(21,'0021_request',5213595169498877,0);
INSERT INTO schema_version VALUES(22,'0022_check_out',-1607202991856714907,0);
INSERT INTO schema_version VALUES(23,'0023_review',-3949678443898747162,0);
INSERT INTO schema_version VALUES(24,'0024_passkey',1336811676126700856,0);
INSERT INTO schema_version VALUES(25,'0025_service_account',-4477907168406224145,0);
INSERT INTO schema_version VALUES(26,'0026_scim',2178820217277824294,0);
INSERT INTO schema_version VALUES(27,'0027_provider',4111565206799783844,0);
INSERT INTO schema_version VALUES(28,'0028_sink',-8840432691410871238,0);
INSERT INTO schema_version VALUES(29,'0029_federated_identity',-1985126727404924139,0);
INSERT INTO schema_version VALUES(30,'0030_device',4812284493282176984,0);
CREATE TABLE vault (
    one integer primary key check (one = 1),
    id blob not null,
    created_at integer not null,
    revision integer not null,
    audit_size integer not null,
    audit_indexed integer not null,
    audit_root blob not null,
    second_factor_required boolean not null,
    setup_link blob
, names_normalised boolean not null default false, marked_at integer, mark blob, marks integer not null default 1, set_up_at integer, uses_counted integer not null default 0, review_days integer not null default 90);
INSERT INTO vault VALUES(1,X'0102b3620988724ead4ce369297fa025',1111111109000000,22,92,0,X'df4116c13b9a79872d8f7b35f6da90c2ada59c6b0cef7855ab175acc7bac0e7b',0,NULL,1,1111111109000000,X'601640011c167e8ec03607e2494247950b4396141042dfb399673ff65edada5b',3,1111111109000000,37,60);
CREATE TABLE key_slot (
    kind text primary key not null,
    parameters blob not null,
    wrapped blob not null
, number integer not null default 1, lasting blob not null default x'');
INSERT INTO key_slot VALUES('key file',X'',X'add38d3dcf15be7eb603af9bb67cc7a3ebd77b7ef4f9200f6921e6ec32d6c6cf9611909bde559508e6ddc70ef762cfe1d5ba6e9b4ed271f27641a0ed',2,X'bc8c04571b80f02ec29d85e94d50148a3c87520c942c30d7f258c9d081c2359dd2f2b3852d9e0afe89744658bd9cd73cddebd08d2b0ed041e91cb1925c6ea625991a0862849ad10b487ecfb63da645de03c1cfbb82cdfe7e4660d14cdf891246e25c04b2d8b6e4801c7f8bac2c1552bce60077b5303d4770050c6222');
CREATE TABLE person (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    role text not null,
    password blob not null,
    seed_version blob,
    seed blob,
    next_seed_version blob,
    next_seed blob,
    last_step integer,
    disabled boolean not null,
    created_at integer not null,
    last_sign_in_at integer,
    email text, mark blob, must_change boolean not null default false, passkeys integer not null default 0);
INSERT INTO person VALUES(X'0102b362098873baae145e4e183feab9','root','root','administrator',X'010800000001000000e51bbf9d73281734fb88d57b53dd2c20b4262170a66bcb6c6eb04299024f59e40d49ae62b4adb9d48a78f57c4a169d86',NULL,NULL,NULL,NULL,NULL,0,1111111109000000,NULL,NULL,X'4abd646d1807c8880767d18f2f21e3d3585a0321f3576f5736f0a99492731680',0,0);
INSERT INTO person VALUES(X'011f5d619450779cbae9d9963fef7448','mia','mia','manager',X'0108000000010000002a3851f333836301ea975e7cb1184507b2c32f7b6cb5456df58c4dfd7e53a4a0c8099e909b8e92a1b4d9d28f6f8dc26b',X'011f5d6194507d35a504b6cd04e63119',X'02000000026c97406407c77373ede2817158a0f072761622d366efa66f821cc9b42c047699e5d76f81a5c8c796872ac3a7d0ec34918f01cc8898a20eebdcba2525190bc9989f576f21892c4569fe8d0b4e68501728618fdce8d08b5a108208ed0c85521947c7b8041658b5b0175614c30fde75cbed4f958c519bd14887',NULL,NULL,41140743,0,1234222290000000,1234222290000000,NULL,X'4902afb4455553dddab71ea4dee89ca8f0f111c861f0fa0c8d4a94c965af0403',1,0);
INSERT INTO person VALUES(X'011f5d61945076769f6c81dc7496d9a1','ben','ben','member',X'010800000001000000256dfa4feafcce7444e75a2992e21df75068da445a9bf494495ebfc21aef798ed9efee6bb228bca3834cb07303e08deb',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,1234308731000000,NULL,X'69a95101d2d97fb477d1cae7e685048e290a5f65428aff46c0bebedcf991ddf9',1,0);
INSERT INTO person VALUES(X'011f5d619450773eab0cd0a63e3185cf','max','max','member',X'010800000001000000d7b78cca25e7c38dacdd552733deba4f3db6115e8c3d9295521b9f01898c1577acee86a435612ec0b7d0fc6d154e97eb',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,1234308731000000,'max@example.org',X'cc9148874329352d44047dacf59296c6c9fcf44576b972bed5ab3fb89e8e8a96',1,0);
INSERT INTO person VALUES(X'011f5d61945074799fb12ebeb5d48f2d','ada','ada','auditor',X'0108000000010000003c75613d01aba2b035b4464290e37d4b10aa3420bbdb0d9fec14ac1db92d9ce66de8072e614de0dd51fc3ed28a0fe653',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,1234222290000000,NULL,X'77fd130713cf647aaae5ac85f3471af7e27e75cb314771946e6fce13ba3b3ae7',1,1);
INSERT INTO person VALUES(X'011f5d6194507cc4a7c85d8f479a394f','eva','eva','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,NULL,NULL,X'8612ac2ff0f14e9b0e7d151e1b80df94656f33723434f0e4841df38f30374a15',1,0);
INSERT INTO person VALUES(X'011f6287f43873fc9bd59b82b61a2dec','ida','ida','auditor',X'0108000000010000007f1b23a204af1b448e888824673010692ab717849a01a6fa35c19d33d633deefa05ec09363036cdbf862af0a17ac8789',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,1234308691000000,NULL,X'4c81812163af69fe525d48e33ed033db7c42b259a9d763a28bc963e9f772303c',1,0);
INSERT INTO person VALUES(X'011f6287f43870129f87f8ce65bde85a','deploy','deploy','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,NULL,NULL,X'd6644867d08c76e3f97bb8e4e5d56dfac7a4797dff41ecc592cca839d292f2ff',1,0);
INSERT INTO person VALUES(X'011f6287f4387c479d407b2224dbd0a2','pipeline','pipeline','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,NULL,NULL,X'42e3a7572e3c55b94a0637fd96314d3d1b1dce9b45d0a8f1d4f3057a38d666cd',1,0);
INSERT INTO person VALUES(X'011f6287f4387f07b933cf758ab2cd77','sam','sam','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,NULL,NULL,X'7d05fe0a1cb1cbd0e8c74abb241569abb33ef6a9d322ebe35e55985f37d3ae94',1,0);
INSERT INTO person VALUES(X'011f6287f438720c85ce00b77638471d','zoe','zoe','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,1234308691000000,NULL,X'abaad5abc3527c448b216358f7d83570ebc668cc1fa6c8e1ae50acf42f6baff1',0,0);
CREATE TABLE web_session (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    agent text not null
, confirmed_at integer not null default 0, mark blob, came_by text);
INSERT INTO web_session VALUES(X'011f5d6194507e0ab9a17be6b72ad150',X'cf1d89afe7b5cc8d20bbcf0ea5ce9c7ee28b301aa21390edf9518675dbefb62e',X'011f5d619450779cbae9d9963fef7448',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'14a4e82e55ef26633a3df31e59b9da80256fe9f0844bbf53f1d6165e6aa13400',NULL);
INSERT INTO web_session VALUES(X'011f5d619450742d9f643fb99b2f511c',X'96a0f6545de4a72212c9d33d10c0b2721e685c8d89b617542ef451f4145140fb',X'011f5d61945076769f6c81dc7496d9a1',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'9063d43b0b331bb2ab916f6566b0ac3dbe8c35f86203aa713d52600049e9f317',NULL);
INSERT INTO web_session VALUES(X'011f5d6194507f36930a85b1496693de',X'128d7dc10369268c321c7db4dd5f7bb5117e97325e14e5527ba26597ecd185b2',X'011f5d619450773eab0cd0a63e3185cf',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'168375f34b8d333665ba3eef9380616c80f634e95655a680e0e169e1cae398db',NULL);
INSERT INTO web_session VALUES(X'011f5d6194507e748c89f822b8c942e5',X'55ae5721f7f842f8b99e87938cc3c225708653832717c9e1733c36dc7bf184d4',X'011f5d61945074799fb12ebeb5d48f2d',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'1b5688a27f8a68faacd42f3f2a150e7d5f372dabc696cfc1f7f7341f88397a8d',NULL);
INSERT INTO web_session VALUES(X'011f6287f438793fbf958dcb7e91f787',X'779da906858b5fb1e5e16f1d7d12f96139ef4dc9287535d92b420f64366e20a7',X'011f6287f43873fc9bd59b82b61a2dec',1234308691000000,1234308691000000,1234337491000000,'test',1234308691000000,X'42cc11e0a64935d6a50c614bb429afea85fd66fedb29c57ed9ff1844c46056a8',NULL);
INSERT INTO web_session VALUES(X'011f6287f4387f2282506a35af26fb01',X'a21c84f2ee1b54a05da0ed2d03cc241f5c2751fa93508bd99e216dfd944d2b4f',X'011f6287f438720c85ce00b77638471d',1234308691000000,1234308691000000,1234337491000000,'test',1234308691000000,X'6d8c6309a713e48ff9ca302e2ebfcb6a6c9290ef0acff8c062e4b89699034da5','provider');
INSERT INTO web_session VALUES(X'011f6288907876e3a4ca45210a4fb6ca',X'4b75180a671f4714150e192af952046951f210ba2738a2bc1695a1db068dfa1f',X'011f5d61945076769f6c81dc7496d9a1',1234308731000000,1234308731000000,1234337531000000,'test',1234308731000000,X'115db000ad92548272f1be42582242ae99777b135a812a2bfb2ff940f91c96ea',NULL);
INSERT INTO web_session VALUES(X'011f6288907874dbbdd22ab4951eaaa4',X'75076f47413c84227e7a29e9d0d451755f81707f01d11de5529ec281176b5414',X'011f5d619450773eab0cd0a63e3185cf',1234308731000000,1234308731000000,1234337531000000,'test',1234308731000000,X'd820203d86b5d94e10b6cdbdc4de580744910e8627eb2fdfaa1e14da91f8b6c0',NULL);
CREATE TABLE api_token (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    role text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer
, admin boolean not null default false, legacy boolean not null default false, parent blob references api_token (id) on delete cascade, mark blob);
INSERT INTO api_token VALUES(X'011f62889078717395e789c109c461fe',X'67bb7cdcbf8de66ac12a1aca028adcddfbd084158f1d23c0cef0404b33dedebb',X'0102b362098873baae145e4e183feab9','ci','administrator',1234308731000000,1242084731000000,NULL,1,0,NULL,X'2fdf3bba020cc1c0ee5b65ddaa306f39f7a2535cd475647e3811521800bafa27');
CREATE TABLE credential (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    username text not null,
    site text,
    notes text not null,
    status text not null,
    revision integer not null,
    has_password boolean not null,
    kind text,
    algorithm text,
    digits integer,
    period integer,
    created_at integer not null,
    updated_at integer not null,
    password_changed_at integer,
    tags text not null,
    search text not null
, mark blob, changed integer, site_host text);
INSERT INTO credential VALUES(X'011f5d6194507725b979bf2ad9a3f685','Shop','shop','alice@example.org','https://example.org/','Ask *Mia* first.','active',1,1,'totp','SHA1',8,30,1234222290000000,1234222290000000,1234222290000000,'["social"]',replace('shop\nalice@example.org\nsocial','\n',char(10)),X'4e9b9c7b336714081e0a6776672815e4120430d2f6ec93823e65737bb6462583',14,'example.org');
INSERT INTO credential VALUES(X'011f5d619450728d902c7b8cca5ef24e','Bakery','bakery','alice@example.org','https://example.org/','','active',2,1,'totp','SHA1',8,30,1234222290000000,1234308691000000,1234308691000000,'["back office"]',replace('bakery\nalice@example.org\nback office','\n',char(10)),X'ef70cd6eccb7def41b7078e6fc46441b62fbad24054f31c383654efbd58509ce',50,'example.org');
INSERT INTO credential VALUES(X'011f5d619450759aaa13c8cba18362a5','Bank','bank','alice@example.org','https://example.org/','','active',1,1,'totp','SHA1',8,30,1234222290000000,1234222290000000,1234222290000000,'["back office"]',replace('bank\nalice@example.org\nback office','\n',char(10)),X'704ccdadc73363a9fff47e512c59e3cb9c9159a181f8ca266ea418292baeba24',16,'example.org');
INSERT INTO credential VALUES(X'011f5d6194507c779a416bbe533440d9','Café','café','alice@example.org','https://example.org/','','active',1,1,NULL,NULL,NULL,NULL,1234222290000000,1234222290000000,1234222290000000,'["back office"]',replace('café\nalice@example.org\nback office','\n',char(10)),X'771ebf84841d87ba15fab8f3450da134603e56370e907b7c1e1363875caafa8e',17,'example.org');
INSERT INTO credential VALUES(X'011f5d619450770cb3a4a916ad3096d9','Studio','studio','alice@example.org','https://example.org/','','active',1,1,'totp','SHA1',8,30,1234222290000000,1234222290000000,1234222290000000,'["social"]',replace('studio\nalice@example.org\nsocial','\n',char(10)),X'10291d91f330a1bc9e02af8b8b0f04099d7d01ccf73b80d9e8df1fcdbb1fbb7a',18,'example.org');
INSERT INTO credential VALUES(X'011f5d6194507c0d93a12c20c9c182dd','Counter','counter','alice@example.org','https://example.org/','','active',1,1,'hotp','SHA1',6,NULL,1234222290000000,1234222290000000,1234222290000000,'["social"]',replace('counter\nalice@example.org\nsocial','\n',char(10)),X'c9331de596c7258de090ebb6f7e8ae8f5e469c624af30e6194dda8c5ff287486',19,'example.org');
CREATE TABLE credential_tag (
    credential blob not null references credential (id) on delete cascade,
    tag text not null,
    primary key (tag, credential)
);
INSERT INTO credential_tag VALUES(X'011f5d6194507725b979bf2ad9a3f685','social');
INSERT INTO credential_tag VALUES(X'011f5d619450728d902c7b8cca5ef24e','back office');
INSERT INTO credential_tag VALUES(X'011f5d619450759aaa13c8cba18362a5','back office');
INSERT INTO credential_tag VALUES(X'011f5d6194507c779a416bbe533440d9','back office');
INSERT INTO credential_tag VALUES(X'011f5d619450770cb3a4a916ad3096d9','social');
INSERT INTO credential_tag VALUES(X'011f5d6194507c0d93a12c20c9c182dd','social');
CREATE TABLE seed (
    credential blob primary key not null references credential (id) on delete cascade,
    version blob not null,
    sealed blob not null,
    print blob not null,
    counter integer
, mark blob);
INSERT INTO seed VALUES(X'011f5d6194507725b979bf2ad9a3f685',X'011f5d6194507e978671f009551c61e8',X'0200000002f453098aff1f134c2ae4482156215104c6f7a0c20178ee27362493f600df629e38d79569506ab4c57ec6853e163d8d8bc28934850167d9f1cfbf387942955e337c3b356117fd25b08afddaf820590223c3a9d60eef747fd905988be626a38ecc8241d7b68a104a90e5df723a11c45db19ca9a863279ee5af',X'99e192c1707bc754e7be91bf7624d953',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d619450728d902c7b8cca5ef24e',X'011f5d61945070bd9e3f9068ed43f3f4',X'0200000002eba6c405f87fef4b0a820ee69e302574567399d57789d58efe2e3594184a72e78cf999b46e8e3574a7675c988d5eb14d32988d28c29ae8ab3e31787ac5b56254868884ec5ada830aaaaab549b0f4dfe2aed88ab2b1cd895439355ee49a91269d50499a6804badf7baf0b73c2470a8b6ef7685e57a59eb8c6',X'99e192c1707bc754e7be91bf7624d953',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d619450759aaa13c8cba18362a5',X'011f5d6194507ea59f0fe272712363a6',X'0200000002499013366224b8fd5009b3e8f29f2a89e22930d9a8ba732155c6c9bdfba0d1976a21d23a75a0147e9b248617d900df8bfaea4b8991fa62edd96e2b1a5af8fc63e3292fd91c0f665cd07633b96000dca6e15b3b41deba6dbcd05cf58717121d9050d3ab1fddc699fc91ddc573ae8b34f58f3b1df495161249',X'99e192c1707bc754e7be91bf7624d953',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d619450770cb3a4a916ad3096d9',X'011f5d6194507e29bc2065720008531e',X'020000000254244d08db584aa24538f8bbf1e3de303fa0254e55eb445d1c909f523bb080ae419b860332524ec2ba5324327e943c8e6441202086d6f45b7b555cc6862a2c4ad16ea62bd79459018662d60e361a1bd0ea7d8a1d949111b730ffce1cfdee0680cd3365ce1e7b931e80eb4a56099da23d25fada3c822dfd47',X'99e192c1707bc754e7be91bf7624d953',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d6194507c0d93a12c20c9c182dd',X'011f5d6194507040b81b2cbe7654b48b',X'0200000002b149526ce0237d9a22412a7fc2a43a51ff99a0463dcd29e2f0b236d2e56619351c83cbb57ff9f67894db57534018576836c17274377e3447735fb5eee85372e7c75f5e29a15cccb209852d25b63e2dbaba774c616c2520dd7be52465c4e4196a35bd15dca93eb5d867b8a5a2175895c02e881921f2170f04',X'99e192c1707bc754e7be91bf7624d953',1,X'9dc13d202b52f29a289f2bcd8b809096602136847e8b20931e5d59593b62899e');
CREATE TABLE password_version (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    number integer not null,
    state text not null,
    sealed blob not null,
    created_at integer not null,
    created_by text not null
, print blob, proven_at integer, proven_change blob, confirmed_at integer, confirmed_by text);
INSERT INTO password_version VALUES(X'011f5d61945073fb9ff8622f1dcac1a4',X'011f5d6194507725b979bf2ad9a3f685',1,'current',X'02000000025c613cb84d9c95202c70b674a12970b3af4888a094a01b77b6c651ccae8d0f2aae1ed260321cebb49d58eec82c48dea39a859b35c2322c94b63c496e02ce5f005fe16907548385fb57745995f58e09a0548811a3ae78ee63fcdd21bc70404d52e8526d18',1234222290000000,'root',X'2c27a62332a47ae8b95898c8c096417f',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d6194507a6eb6f4b65ea7ae330a',X'011f5d619450728d902c7b8cca5ef24e',1,'former',X'020000000256fbfa65a265f4983f6b23f4b53994ba6c4280dd2369fcfd5157e2cb2e67c71de4124850d47d9061dc6c853609d03de5ef2333357e936d6bca72fce2c4cd98296837ee2a7a7b49be697e678d5188117e56e6b82bd0a5b8975e419001b77c9bc61aeddf9b',1234222290000000,'root',X'2c27a62332a47ae8b95898c8c096417f',1234308691000000,X'011f6287f43879a39c67eece63c300b0',NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d61945078ca853b683b086eee39',X'011f5d619450759aaa13c8cba18362a5',1,'current',X'0200000002e0e8d84970ef3ff94f4915e8093b4998057cf7a66458c6ae9ee6cad442b37c22d14a3fcc1044ab81996d002b125855ed3db3fce3620a849cbc98735d7a74e9264c67af348be3dd5ea267bc4b18a9972837c33a4f02a39d63b6b00a0d50293b4193580694',1234222290000000,'root',X'2c27a62332a47ae8b95898c8c096417f',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d6194507de3bedd1087562cc915',X'011f5d6194507c779a416bbe533440d9',1,'current',X'0200000002a6a62188401fd724ea27a30ea51b801896677eebc724e2392baa82fb866ad9182a1421829cd9e44af7f875705dd546289a0fe64ddb9477155e3b9e2aa49e3ffe7ecf3bbe267ef77cf400a2257372aba07504234f806533f70b8a37ef3336844b5d4fa816',1234222290000000,'root',X'2c27a62332a47ae8b95898c8c096417f',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d61945070699e146c3ee11fa127',X'011f5d619450770cb3a4a916ad3096d9',1,'current',X'02000000023ffa2152455cc03f8d9b1938770c3638c4a43e294c28e629435b15c747dea0a442c0bc8ff46276fd7df0a7294318986cc225c4d60a38cff7c3cbb09ad4ebf057e309378c43f2ba1ea9d69e6a8256fd035e942302d68a82ec8f9f44d032f550202d52fe68',1234222290000000,'root',X'2c27a62332a47ae8b95898c8c096417f',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d6194507cc5bea1b393b12fef7e',X'011f5d6194507c0d93a12c20c9c182dd',1,'current',X'020000000250d5c8f93c242c5d51f281ffb76a89f760f226ba9e30d68d24c040cf8bc822f83e0847e50b3d5ab950a99018e9eb2f8ad64113bcf3d137351a2d25ce17917b66e2d5179bea9210c8ae812000dbe306697e3a5e660454096d2ada40d9b887dbe8f3fafcb2',1234222290000000,'root',X'2c27a62332a47ae8b95898c8c096417f',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f6287f43873d286c37d7accdcb529',X'011f5d619450728d902c7b8cca5ef24e',2,'current',X'02000000023aeb908f470ee4dd71c5da9ed1fb032217c0a7678ac70db9d0b69ce3c13a8dbde3c87903806f9f2daeffe24f981a128061e0bddd29cce7e469ba4435829755adf71d185b417f39f4ed06a6488a3817ca8f8115f238cedf9a0351f610d97ba29089415c8e535acc5e9353673e0d1c5827',1234308691000000,'change requested by root',X'9fb557e4b7d65b99d7ae35cbc674f41b',1234308691000000,X'011f6287f43879a39c67eece63c300b0',NULL,NULL);
CREATE TABLE step_use (
    credential blob not null references credential (id) on delete cascade,
    step integer not null,
    person blob not null,
    name text not null,
    machine boolean not null,
    claimed boolean not null,
    at integer not null,
    primary key (credential, step, person, claimed)
);
INSERT INTO step_use VALUES(X'011f5d6194507725b979bf2ad9a3f685',41140743,X'011f5d619450773eab0cd0a63e3185cf','max',0,0,1234222290000000);
INSERT INTO step_use VALUES(X'011f5d6194507725b979bf2ad9a3f685',41143626,X'0102b362098873baae145e4e183feab9','root',1,0,1234308791000000);
CREATE TABLE audit_record (
    seq integer primary key,
    at integer not null,
    actor_kind text not null,
    actor blob,
    actor_name text not null,
    act text not null,
    object_kind text,
    object blob,
    object_name text,
    reason text,
    details text,
    hash blob not null
);
CREATE TABLE audit_checkpoint (
    size integer primary key,
    root blob not null,
    time integer not null,
    key text not null,
    signature text not null
);
INSERT INTO audit_checkpoint VALUES(85,X'8e6f04dfc4bd8bea0d3077302534f2196b5b64c05c6531c4117c5fe313281d48',1234308731000000,'398f392fe078ac21656c50fe745abe00e8ba1177c7223ee8b9fbda0617175f4f','66f862a15bafd277e4a3fa775e8ad877e5e96eee06e7fd8307afbf67763b9c2ee09ff14939368710c40e50ca677b69ae55451e07e2afbedef6e52ff66740c303');
INSERT INTO audit_checkpoint VALUES(92,X'df4116c13b9a79872d8f7b35f6da90c2ada59c6b0cef7855ab175acc7bac0e7b',1234567890000000,'398f392fe078ac21656c50fe745abe00e8ba1177c7223ee8b9fbda0617175f4f','08bbbca2e8cd617d8f46fb7aa9bf0ee8bcc16360f3956e9d9920b6066d66d66b68a6c9fefcbe4dc86c324c102507c445a0256cce6ad747a8ab97e2e8e7eb8306');
CREATE TABLE change (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    kind text not null,
    state text not null,
    reason text,
    asked_by_name text not null,
    because text not null,
    note text,
    created_at integer not null,
    started_at integer,
    ended_at integer,
    not_before integer,
    waiting_until integer,
    candidate blob,
    armed_at integer,
    attempts integer not null,
    current_tries integer not null,
    candidate_tries integer not null
, settled_by text, asker blob, site_answer text, submitted_at integer);
INSERT INTO change VALUES(X'011f6287f43879a39c67eece63c300b0',X'011f5d619450728d902c7b8cca5ef24e','change','changed',NULL,'root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,X'011f6287f43873d286c37d7accdcb529',1234308691000000,1,0,1,NULL,X'0102b362098873baae145e4e183feab9',NULL,NULL);
INSERT INTO change VALUES(X'011f6287f438785db57d6d3c3768a815',X'011f5d6194507c779a416bbe533440d9','change','failed','{"code":"site_unavailable"}','root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,NULL,NULL,1,0,0,NULL,X'0102b362098873baae145e4e183feab9',NULL,NULL);
INSERT INTO change VALUES(X'011f6287f4387a69af86986a97bf75ea',X'011f5d6194507725b979bf2ad9a3f685','change','queued',NULL,'root','person',NULL,1234308691000000,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,X'0102b362098873baae145e4e183feab9',NULL,NULL);
INSERT INTO change VALUES(X'011f6287f4387a97bb3207b95c4995ea',X'011f5d619450770cb3a4a916ad3096d9','sign_in','passed',NULL,'root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,NULL,NULL,1,0,0,NULL,NULL,NULL,NULL);
INSERT INTO change VALUES(X'011f6287f43873f58d97e64a3002260a',X'011f5d619450770cb3a4a916ad3096d9','sign_in','passed',NULL,'root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,NULL,NULL,1,0,0,NULL,NULL,NULL,NULL);
CREATE TABLE job (
    change blob primary key not null references change (id) on delete cascade,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    cancelled boolean not null
, sign_in boolean not null default false);
INSERT INTO job VALUES(X'011f6287f4387a69af86986a97bf75ea',1234308691000000,NULL,NULL,0,0);
CREATE TABLE change_event (
    change blob not null references change (id) on delete cascade,
    seq integer not null,
    at integer not null,
    state text not null,
    text text not null,
    picture_version blob,
    picture blob,
    primary key (change, seq)
);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',1,1234308691000000,'queued','requested',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',3,1234308691000000,'changing','at the form',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',4,1234308691000000,'changing','the new password is stored; typing it now',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',5,1234308691000000,'submitted','going on',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',6,1234308691000000,'verifying','going on',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879a39c67eece63c300b0',7,1234308691000000,'changed','changed and verified by a new sign-in',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f438785db57d6d3c3768a815',1,1234308691000000,'queued','requested',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f438785db57d6d3c3768a815',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f438785db57d6d3c3768a815',3,1234308691000000,'failed','failed: nothing was changed',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387a69af86986a97bf75ea',1,1234308691000000,'queued','requested',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387a97bb3207b95c4995ea',1,1234308691000000,'queued','requested by a session',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387a97bb3207b95c4995ea',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387a97bb3207b95c4995ea',3,1234308691000000,'passed','signed in for a session',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43873f58d97e64a3002260a',1,1234308691000000,'queued','requested by a session',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43873f58d97e64a3002260a',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43873f58d97e64a3002260a',3,1234308691000000,'passed','signed in for a session',NULL,NULL);
CREATE TABLE automation (
    credential blob primary key not null references credential (id) on delete cascade,
    settings text not null,
    next_change_at integer,
    next_change_because text,
    next_heartbeat_at integer,
    heartbeat text,
    clock_offset integer,
    clock_seen_at integer,
    fingerprints text,
    moved text,
    browser_version blob,
    browser_state blob,
    browser_identity text
, mark blob, redirected_at integer, pages text, pages_mark blob);
INSERT INTO automation VALUES(X'011f5d619450728d902c7b8cca5ef24e','{"origins":[],"sign_in":null,"change":null,"rules":null,"trust":"do_not_trust","heartbeat":false,"changes_per_day":2,"policy":{"every_days":30,"after_reveal":false,"window":null},"session":{"idle_minutes":15,"longest_minutes":120,"reason":false},"extra_fields":[]}',1236655353760358,'schedule',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'7ad9ae1c15723fe45e53b56b6e0bbb3e8b8e7bbd5442f20c6ff8a1c65920b3b3',NULL,NULL,NULL);
INSERT INTO automation VALUES(X'011f5d6194507c779a416bbe533440d9','{"origins":[],"sign_in":null,"change":null,"rules":null,"trust":"do_not_trust","heartbeat":false,"changes_per_day":2,"policy":{"every_days":null,"after_reveal":false,"window":null},"session":{"idle_minutes":15,"longest_minutes":120,"reason":false},"extra_fields":[]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'fd20afa64d920e023774324d1d2aa67e9286d2a06eca1d1c0e52c04d325f513c',NULL,'{"sign_in":"https://example.org/login"}',X'33f387043c83efc0f44f220b913a212f20ceedb079b2c7b480dcd404123a91f6');
INSERT INTO automation VALUES(X'011f5d619450770cb3a4a916ad3096d9','{"origins":[],"sign_in":null,"change":null,"rules":null,"trust":"do_not_trust","heartbeat":false,"changes_per_day":2,"policy":{"every_days":null,"after_reveal":false,"window":null},"session":{"idle_minutes":15,"longest_minutes":120,"reason":false},"extra_fields":[]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'011f6287f4387396bd9d8d9ee11cac48',X'020000000289728f3fc44935109ed5000459f4efe27b3c18e8371583f934ebd397eb1ad095de6ecdc22cad673991a97c899aad7d6f7f14553aad32b752f91beef2aff14b01f5acfeaaf5511024ad8c1af0399b579719a6b37ef7e7069c4ec5f129f90630','this browser',X'98c21ab1e7877f3049265287168a93c340dd978dc30003cca345c5978f835978',NULL,NULL,NULL);
CREATE TABLE session (
    id blob primary key not null,
    credential blob references credential (id) on delete set null,
    credential_name text not null,
    change blob references change (id) on delete set null,
    sign_in boolean not null,
    state text not null,
    ended_why text,
    end_wish text,
    started_by blob not null,
    started_by_name text not null,
    reason text,
    created_at integer not null,
    live_at integer,
    ended_at integer,
    seen_at integer,
    node text,
    idle_seconds integer not null,
    longest_seconds integer not null,
    recorded_ms integer not null,
    recorded_bytes integer not null,
    dropped_at integer
, request blob);
INSERT INTO session VALUES(X'011f6287f4387741aa0fc25303be52dd',X'011f5d619450770cb3a4a916ad3096d9','Studio',X'011f6287f4387a97bb3207b95c4995ea',1,'ended','person',NULL,X'0102b362098873baae145e4e183feab9','root',NULL,1234308691000000,1234308691000000,1234308691000000,1234308691000000,'node-1',900,7200,1999,20,NULL,NULL);
INSERT INTO session VALUES(X'011f6287f4387200a60b11168fc09d75',X'011f5d619450770cb3a4a916ad3096d9','Studio',X'011f6287f43873f58d97e64a3002260a',1,'live',NULL,NULL,X'0102b362098873baae145e4e183feab9','root',NULL,1234308691000000,1234308691000000,NULL,1234308691000000,'node-1',900,7200,0,0,NULL,NULL);
CREATE TABLE session_link (
    token blob primary key not null,
    session blob not null references session (id) on delete cascade,
    person blob not null references person (id) on delete cascade,
    level text not null,
    expires_at integer not null,
    used_at integer
, mark blob);
INSERT INTO session_link VALUES(X'52cd3c77d168d4581890f589088bb4f969e411d41d16291a751f466114199223',X'011f6287f4387200a60b11168fc09d75',X'011f5d61945076769f6c81dc7496d9a1','view',1234395091000000,NULL,X'0856eed6cfba1bed7f733753f55d3ac2a0a9ceaf42906deaac1a9fc1704468f1');
CREATE TABLE session_part (
    session blob not null references session (id) on delete cascade,
    seq integer not null,
    from_ms integer not null,
    to_ms integer not null,
    is_key boolean not null,
    frames integer not null,
    events integer not null,
    bytes integer not null, key_number integer not null default 1,
    primary key (session, seq)
);
INSERT INTO session_part VALUES(X'011f6287f4387741aa0fc25303be52dd',0,0,1999,1,4,1,20,2);
CREATE TABLE recovery_code (
    person blob not null references person (id) on delete cascade,
    code blob not null,
    primary key (person, code)
);
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'22cb52b50ce5beb646e8e650d3e33de6ddf769367d5476c1e51c9162b58b76de');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'593db858c39c53cc3625f64b958239f7526763779624d1c2250785d91672143c');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'682a354baa3a9bec216c768b8983d8e4908ab0f28dd11ee6821e18f2150263d2');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'7c39683b8ac16e57556661e724dc8c288404a21fa9b3f9f90b52d7f0e9351f30');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'c83b345459a49f4a77acda4addd22412c2fa35b567014b38e17e1040c3e2d76f');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'6f94c6133a955d89d3426bf9b64d7254377ee7af1eea0dcfc148561684517d16');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'dd5c72bce5194ce955fe79dde52cae58c10912ae419016c0e7139ab59950701f');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'6355100aee929772bb35a639eeebbb13b056306bbd3c92d67f8c81677a6d710c');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'26f1a2e41e24a78a82f234d28c305cb539dc5aa4494fbc6cfa863f568604517c');
INSERT INTO recovery_code VALUES(X'011f5d61945074799fb12ebeb5d48f2d',X'65a0caa30227d63872f502f089f53a6f92a6814a94797eb8a576bb9be526d942');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'e44cc9f043f150bc6a64c120beecfb8ab98e53a1a826b76bc2191d62b9b7df8e');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'58d1ef9004768b9590ea4060ad079f5e2b60eeaa50499875323e80bf5d4aa703');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'a416afd7c388cdbf33e5c587b530747f6b1c74923d50d1eb2aea845c2b2cfb13');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'83988464815a84607fed476873a3aa80a3a0cb3752a90c68186ea916230ea6d4');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'fab03a78238d32d7fb24726a6969072465fef4e386aab0d2ce635a5ab1787cc5');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'23f2ce2958fbbfbbc2f5ea62e24fcffb94c486c8c52b77ac71c797635ae34576');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'206891aeeb95da6a80bbda8405106611938da38a31a18b30aad19e40a46de94b');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'75db1f8b06580b7191a6cad494c3c3816fb3fd9415fbbb85269a5c0ae848cf2f');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'6675f30160078c24c45e8ad7bda11d1b131e04cb74b6e770d5390f09a3595979');
INSERT INTO recovery_code VALUES(X'011f5d619450779cbae9d9963fef7448',X'b062bd3a2fcaa23f0d397e698aa75eccaca66d988cfd09e04a5f3c4c9ee9293a');
CREATE TABLE notice_settings (
    one integer primary key check (one = 1),
    settings text not null,
    version blob not null,
    sealed blob not null
);
INSERT INTO notice_settings VALUES(1,'{"address":null,"smtp":null,"sender":null,"recipients":[],"tell_asker":false,"webhook":"https://hook.example.com"}',X'011f5d61945072ab9b7e529ca77438c7',X'02000000024fcfce914cf2b716987254529ba88ae52bd458b87e57bc0eadb70a884a5e5fea7e639083f955f507a13e3e7ce3f7be2c29e83916183575fde153de9e3fb8f3e7e6b7b57b0b4a281259fcd22feeac5680671dd6475a4b7422db228f6d69390455cbc912dfd194f9f711cd32de992b589b9391b7733440ff2edd76f1c3c386ff532f5217ecb953ad77e9aa50b9d80707c4a49843e7313cf0e7c63b5c9d55ec2bcbed272a4a2a182388261c8e5a84');
CREATE TABLE notice (
    id blob primary key not null,
    change blob,
    credential_name text not null,
    kind text not null,
    what text,
    reason text,
    way text not null,
    recipient text not null,
    created_at integer not null,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    attempts integer not null,
    delivered_at integer,
    given_up_at integer,
    last_error text
, request blob, person text);
INSERT INTO notice VALUES(X'011f5d619450778e85cb83f9676cadf0',NULL,'Shop','access_requested',NULL,NULL,'webhook','',1234222290000000,1234222290000000,NULL,NULL,0,NULL,NULL,NULL,X'011f5d61945075adaf4559893d51901c','max');
INSERT INTO notice VALUES(X'011f5d61945077f983cbf423e5bb03e7',NULL,'Shop','access_approved',NULL,NULL,'webhook','',1234222290000000,1234222290000000,NULL,NULL,0,NULL,NULL,NULL,X'011f5d61945075adaf4559893d51901c','ben');
INSERT INTO notice VALUES(X'011f6287f4387c76829797f593fdb574',X'011f6287f43879a39c67eece63c300b0','Bakery','changed','change',NULL,'webhook','',1234308691000000,1234308691000000,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO notice VALUES(X'011f6287f43871809f1c07c922e2341a',X'011f6287f438785db57d6d3c3768a815','Café','failed','change','site_unavailable','webhook','',1234308691000000,1234308691000000,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sign_in_count (
    scope text not null,
    key blob not null,
    failures integer not null,
    locked_until integer,
    last_at integer not null,
    primary key (scope, key)
);
INSERT INTO sign_in_count VALUES('name',X'1834ed13a40fddaa5a4f62f1776dcd1b',1,NULL,1234308731000000);
CREATE TABLE known_browser (
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    primary key (token, person)
);
INSERT INTO known_browser VALUES(X'be9e988a2edfacac7a83841f84307bd9dc6e7451bb3922ee31bd930a62252ffa',X'011f5d619450779cbae9d9963fef7448',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'29fa42ccec30817e3d2f25cd0858a50782a685feb03aeb50f2c6c622318e63f7',X'011f5d61945076769f6c81dc7496d9a1',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'caa5463fa7e2e320f9fd2e241c8d47007bd28c66d7ab26617566b4643d6f0791',X'011f5d619450773eab0cd0a63e3185cf',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'af6359031038e907880e71d96fa4d116a818df1d396468ae6346a0c4dd7143b5',X'011f5d61945074799fb12ebeb5d48f2d',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'3afea04df944e11bf285f09b89eac8cf29caaab5c3ffc3eccf235317528cdd96',X'011f5d61945074799fb12ebeb5d48f2d',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'b6ee4e021b7b20cbb920cf31ea94f2bd8d27842d8c82975946d23b24856ff76a',X'011f6287f43873fc9bd59b82b61a2dec',1234308691000000,1234308691000000);
INSERT INTO known_browser VALUES(X'91b5ecd0084253d2876a61d1ee4708db57c60672686adc1f0df11b9c10f83226',X'011f6287f438720c85ce00b77638471d',1234308691000000,1234308691000000);
INSERT INTO known_browser VALUES(X'3033ab5ed03d04e334bbf87703d5915d477522088c6ef847f4c20f5f615a5c9c',X'011f5d61945076769f6c81dc7496d9a1',1234308731000000,1234308731000000);
INSERT INTO known_browser VALUES(X'599b5316ea534abe090d9bae7e13ea84c846c9ee1dbd07e2b30f0e699cf6ee49',X'011f5d619450773eab0cd0a63e3185cf',1234308731000000,1234308731000000);
CREATE TABLE playback (
    session blob not null references session (id) on delete cascade,
    bearer blob not null,
    expires_at integer not null,
    mark blob not null,
    primary key (session, bearer)
);
INSERT INTO playback VALUES(X'011f6287f4387741aa0fc25303be52dd',X'011f6287f438793fbf958dcb7e91f787',1234309291000000,X'796d4bed319dcbbf62b4e7f23139d7a672d30fcb0c323044c0738f6b6ab38459');
CREATE TABLE person_link (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
INSERT INTO person_link VALUES(X'011f5d6194507cc4a7c85d8f479a394f',X'98c38c7c8cdda3b90a948d163ebd5fc1cc02f767b27eccf372f968c97255c8c1',1234481490000000,X'3c42ec7be110e475e3865d506d34bfbe927429bd18e935ddfab62bb8538b3761');
CREATE TABLE vault_key (
    number integer primary key not null,
    id text not null,
    created_at integer not null,
    -- When it began to seal; none while other servers still learn of it.
    active_at integer,
    kind text,
    parameters blob,
    wrapped blob,
    lasting blob
);
INSERT INTO vault_key VALUES(2,'8dd4f76347f58482',1234308691000000,1234308691000000,NULL,NULL,NULL,NULL);
CREATE TABLE audit_block (
    last integer primary key,
    first integer not null,
    root blob not null,
    entries blob not null
);
INSERT INTO audit_block VALUES(1,1,X'3363f2789fb47e4dbb710c2690ce583d323524362979789da68586e6c4b67538',X'010180eda9ef96a3f90300000673797374656d00000b636f756e7465727369676e000d7661756c742e63726561746564010000057661756c74010102b3620988724ead4ce369297fa025040001000b756e6c6f636b65645f62790200086b65792066696c65');
INSERT INTO audit_block VALUES(2,2,X'044fc2e14415df64d6cf051944704a3c75d48c27f502c5849c0667b0b9038ce7',X'010180eda9ef96a3f90300000673797374656d00000b636f756e7465727369676e000c757365722e637265617465640100000475736572010102b362098873baae145e4e183feab90004726f6f7400010004726f6c6502000d61646d696e6973747261746f72');
INSERT INTO audit_block VALUES(3,3,X'36d7777517b815c3a16c93dc4f21bfa423f36914d6afcf4e445f6ecf24d9c91f',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f5d619450779cbae9d9963fef744800036d696100010004726f6c650200076d616e61676572');
INSERT INTO audit_block VALUES(4,4,X'c3c9f37aac72b79d76513b9e3a0e98ed2d2c845051797342b7e7591286aead99',X'010180e2dad298a1b1040000047573657201011f5d619450779cbae9d9963fef744800036d6961000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d6194507e0ab9a17be6b72ad1500004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(5,5,X'dcade5f6e9146f2b598b8a9c203e6a0823cffd349106713810d0df93d3cc675a',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f5d61945076769f6c81dc7496d9a1000362656e00010004726f6c650200066d656d626572');
INSERT INTO audit_block VALUES(6,6,X'235f61e41c6de2933638ec341454e2182ea7095d6b24c5331c1badfd20768d90',X'010180e2dad298a1b1040000047573657201011f5d61945076769f6c81dc7496d9a1000362656e000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d619450742d9f643fb99b2f511c0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(7,7,X'50e89362f6b94e2b017e2f9721dc0caeadcb91ace8d8a038087a2ce80c8d20f3',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f5d619450773eab0cd0a63e3185cf00036d617800010004726f6c650200066d656d626572');
INSERT INTO audit_block VALUES(8,8,X'490a321ee1829b893100fa196bd43608bf79bc5db95099187aca1e4364bfc533',X'010180e2dad298a1b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d6178000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d6194507f36930a85b1496693de0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(9,9,X'7bd37efbbf6fedb56231ca15b6f7e518e895411ec88444b07e98f3d9cc8e8487',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f5d61945074799fb12ebeb5d48f2d000361646100010004726f6c6502000761756469746f72');
INSERT INTO audit_block VALUES(10,10,X'd6e092a668c5b2dffa061f412ad24a602bd0e62f6aeecabf23bf21538af67ce5',X'010180e2dad298a1b1040000047573657201011f5d61945074799fb12ebeb5d48f2d0003616461000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d619450790cb7e72c132c34605f0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(11,11,X'b5af78ab2f5f033b985b84feea944e8cb641c83f6f1ebd7ce00ff86b93da8054',X'010180e2dad298a1b1040000047573657201011f5d61945074799fb12ebeb5d48f2d0003616461000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d6194507e748c89f822b8c942e50004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(13,12,X'1b2910e864215def48e98cddad630a42684cdad71a4a2787125a50b100dc3c7e',X'010280e2dad298a1b1040000047573657201011f5d61945074799fb12ebeb5d48f2d0003616461000d706173736b65792e616464656401000007706173736b657901011f5d619450788bad5093306c350481000550686f6e65000000010018757365722e7265636f766572795f636f6465735f6d61646501010000');
INSERT INTO audit_block VALUES(14,14,X'bcbce119cc53a0b528c6c980a8e868cf36022d86aee882a0fa4eabb6bb4eeec8',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f700002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(15,15,X'5d04998735ceebf02329bd97db9e7c0b3f6a1d7806d3acf47f32455c53c195eb',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(16,16,X'e4b339d17f85541bfd2f6dc4b7a6681cfae4c6e27dcfd3f2a282bbde98b35246',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d619450759aaa13c8cba18362a5000442616e6b0002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(17,17,X'e233f50fd9d3edce18aaf5ea65ce4bba849536d9ffba9f2df89af83ca63f3aac',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507c779a416bbe533440d90005436166c3a90002000870617373776f72640001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(18,18,X'b120cae14ec0525eaecea00ee0165f270e89d5a22562be720303f2ab964df529',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(19,19,X'f50fa11044fa716e413ac11a3970ea39db439ca1b320f825afe2f373b545533d',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507c0d93a12c20c9c182dd0007436f756e7465720002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(20,20,X'a041e6e2d9857d47bf7be508e4f3da13d76e9f5ff4acba6ad1bda0a7bb537113',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000a746f6b656e2e726561640100000a63726564656e7469616c01011f5d6194507c0d93a12c20c9c182dd0007436f756e74657200010007636f756e7465720100');
INSERT INTO audit_block VALUES(21,21,X'1d5c9bb21216af3613b940d77fd34609c7764b95c3a30303233103b181c2c250',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507f90abd682a313ac7ce50004476f6e650002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(22,22,X'771a698865fa88dd33de4f63175131863f56ea19a127f140dcfeb107a2786463',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001263726564656e7469616c2e72656d6f7665640100000a63726564656e7469616c01011f5d6194507f90abd682a313ac7ce50004476f6e650000');
INSERT INTO audit_block VALUES(23,23,X'd1cdc0bd8b2b9a585d3424d1a20978a6e48e200d47c0a38b17a7dd6385a71b9d',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000d67726f75702e637265617465640100000567726f757001011f5d6194507569af34a53cbd93e52c00056c656164730000');
INSERT INTO audit_block VALUES(24,24,X'9075e24410e79f2e2da3cf751873b93d07df0cdaba463db410c2f86749f151a5',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d6194507569af34a53cbd93e52c00056c65616473000100047573657202000362656e');
INSERT INTO audit_block VALUES(25,25,X'd74255b6b9b1e826a2d0c78bcc6c19679318490cd5d1febfe191f6e826834c87',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d6194507569af34a53cbd93e52c00056c6561647300010004757365720200036d6961');
INSERT INTO audit_block VALUES(26,26,X'007b748841acb67b3498736a38b4add33e820730300a1997d6fe00428d6820e6',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000d67726f75702e637265617465640100000567726f757001011f5d6194507714b7a25e3d2082ef1c000573746166660000');
INSERT INTO audit_block VALUES(27,27,X'ce4fb9f92f7505b4bf5050fe8b669ad34a2a3f8ada68c37fe6da359cb2fa60d4',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d6194507714b7a25e3d2082ef1c000573746166660001040200056c65616473');
INSERT INTO audit_block VALUES(28,28,X'ec979dbcd4bb5a456de270eed0c8a1e262b5a0ba1fe61e5e5448b83937d1fd48',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d6194507714b7a25e3d2082ef1c0005737461666600010004757365720200036d6178');
INSERT INTO audit_block VALUES(29,29,X'6fcb30fe3f06d70a7e83dfa539ef537da4fe4121f88a3d300471d7976d355f13',X'010180e2dad298a1b1040000047573657201011f5d619450779cbae9d9963fef744800036d69610016757365722e7365636f6e645f666163746f725f73657401010000');
INSERT INTO audit_block VALUES(30,30,X'bc6d9919b70a6123f8ed29bc0614cb6cf00384f42d8d4d4e7cc6f59a797f48d1',X'010180e2dad298a1b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d6178000b757365722e656469746564010100010005656d61696c0001');
INSERT INTO audit_block VALUES(32,31,X'04c122da3627ae125efca458a23859bc58cade7d98ca70e479d8a1e9628cd0ee',X'010280e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f5d6194507cc4a7c85d8f479a394f000365766100010004726f6c650200066d656d62657200010015757365722e7365745f75705f6c696e6b5f6d61646501020001000a657870697265735f6174020018323030392d30322d31325432333a33313a33302e3030305a');
INSERT INTO audit_block VALUES(33,33,X'c2a65f95366ec9dc1f5b409c58b2570b38f14d74072c7a3c6c73984da2ee3d5a',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000e6e6f74696365732e656469746564010000057661756c74010102b3620988724ead4ce369297fa02500076e6f7469636573000300046d61696c0000000a726563697069656e747301000007776562686f6f6b0001');
INSERT INTO audit_block VALUES(34,34,X'14e2ed304c0c525d394f72f6dfd7a688fdc744c0608639f6003fe9df0935e559',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c73696e6b2e637265617465640100000473696e6b01011f5d61945074758cf2814dd257316700045349454d00070007616374696f6e730301000a746f6b656e2e7265616400076164647265737302001968747470733a2f2f686f6f6b732e6578616d706c652e636f6d000466726f6d010200046b696e64020007776562686f6f6b000d6f776e5f617574686f726974790000000670617573656400000005706c61696e0000');
INSERT INTO audit_block VALUES(35,35,X'83b5fca8f03ab5b73bf808dab577ca8956712acf413132baa6de73fd35a5a5d2',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000d6772616e742e63726561746564010000056772616e7401011f5d619450745b937f45bfa5441aef002c6c65616473206f6e20746167206261636b206f66666963653a207365652c20746f6b656e2c2072657665616c0003000567726f75700200056c656164730002696402002430313166356436312d393435302d373435622d393337662d343562666135343431616566000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c');
INSERT INTO audit_block VALUES(36,36,X'7a69ea71368d8e90bbb14b6edd1cd5e22d323bb088062d4189e51a04a172bbcb',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000d6772616e742e637265617465640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f700004000a636f6e646974696f6e7302007c7b22617070726f76616c223a7b226c6576656c73223a5b7b2267726f7570223a2230313166356436312d393435302d373536392d616633342d613533636264393365353263222c22617070726f76616c73223a317d5d2c226d696e75746573223a36302c22656d657267656e63795f6d696e75746573223a31357d7d0002696402002430313166356436312d393435302d373931322d626337622d363231393238323866353834000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c0004757365720200036d6178');
INSERT INTO audit_block VALUES(37,37,X'1632c1535f3b9e532da225901fb78fd775c4c89a01b5be6580cf26af1e932f19',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000d6772616e742e637265617465640100000a63726564656e7469616c01011f5d619450759aaa13c8cba18362a5000442616e6b0004000a636f6e646974696f6e730200317b22636865636b5f6f7574223a7b226d696e75746573223a36302c226368616e67655f6166746572223a66616c73657d7d0002696402002430313166356436312d393435302d376265322d383434332d383331656133653634316236000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c0004757365720200036d6178');
INSERT INTO audit_block VALUES(38,38,X'606954120823561a40ef3de563a1e032a6b8b8cbc3b878f10fd9aa7dc1409fe8',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000e6772616e742e7265766965776564010000056772616e7401011f5d619450745b937f45bfa5441aef002c6c65616473206f6e20746167206261636b206f66666963653a207365652c20746f6b656e2c2072657665616c0005000a646563696465645f6174020018323030392d30322d30395432333a33313a33302e3030305a000a646563696465645f62790202000567726f75700200056c656164730002696402002430313166356436312d393435302d373435622d393337662d343562666135343431616566000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c');
INSERT INTO audit_block VALUES(39,39,X'a7f89ec15873efce144e20c7de7edb2a0524e5450848eb21bb11b8f6017ddb23',X'010180e2dad298a1b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400116772616e742e726576696577735f736574010000057661756c74010102b3620988724ead4ce369297fa025001172657669657773206f66206772616e7473000200046461797301780006666f726d657201b401');
INSERT INTO audit_block VALUES(40,40,X'34cc3957c636b8d12c0013daf96d0ad11eada707f2b182efd658ada439157d73',X'010180e2dad298a1b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d617800106163636573732e7265717565737465640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f7001000561206669780400056772616e7402002430313166356436312d393435302d373931322d626337622d36323139323832386635383400076d696e75746573013c000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c00077265717565737402002430313166356436312d393435302d373561642d616634352d353938393364353139303163');
INSERT INTO audit_block VALUES(41,41,X'b6f4b2db057195f3a44ddfec0c5bdb3965c28600ff74316774779cd91cdcc277',X'010180e2dad298a1b1040000047573657201011f5d61945076769f6c81dc7496d9a1000362656e000f6163636573732e617070726f7665640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f700005000466726f6d020018323030392d30322d30395432333a33313a33302e3030305a00056772616e7402002430313166356436312d393435302d373931322d626337622d363231393238323866353834000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c00077265717565737402002430313166356436312d393435302d373561642d616634352d3539383933643531393031630005756e74696c020018323030392d30322d31305430303a30313a33302e3030305a');
INSERT INTO audit_block VALUES(42,42,X'1c27c8dd77ddefb08ad46045cb59cba81a4ab419a6da06cecaa07d6c17c95931',X'010180e2dad298a1b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d6178000a746f6b656e2e726561640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f70000300056772616e7402002430313166356436312d393435302d373931322d626337622d36323139323832386635383400077265717565737402002430313166356436312d393435302d373561642d616634352d353938393364353139303163000473746570018e889e27');
INSERT INTO audit_block VALUES(43,43,X'ddc1f3b8a014c37358db6dfb5e99faf3e50c181517f0709ed107b6c9a7b14a0e',X'010180e2dad298a1b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d6178000f636865636b5f6f75742e626567756e0100000a63726564656e7469616c01011f5d619450759aaa13c8cba18362a5000442616e6b000200056772616e7402002430313166356436312d393435302d376265322d383434332d3833316561336536343162360005756e74696c020018323030392d30322d31305430303a30313a33302e3030305a');
INSERT INTO audit_block VALUES(44,44,X'8e4f14d966e285e4883bba61fda0f192be0bdeb055b2b3c567d56c320769d16f',X'010180e2dad298a1b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d6178001170617373776f72642e72657665616c65640100000a63726564656e7469616c01011f5d619450759aaa13c8cba18362a5000442616e6b000200056772616e7402002430313166356436312d393435302d376265322d383434332d383331656133653634316236000776657273696f6e0102');
INSERT INTO audit_block VALUES(45,45,X'266839153ed39ec124d6acd6ade31d7ae4614655c1afdb8f8308b44271e75956',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400106368616e67652e7265717565737465640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b657279000200066368616e676502002430313166363238372d663433382d373961332d396336372d65656365363363333030623000046b696e640206');
INSERT INTO audit_block VALUES(46,46,X'75b30eee36d7da7aa54f6f11bfd988fdcde6a2f1dc2b23bf7277614b8b0119f8',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d373961332d396336372d656563653633633330306230');
INSERT INTO audit_block VALUES(47,47,X'af81724e74c5478b013c38c563a86ab663b8dbe5d17ccfd7c86733c498f76fea',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e00146368616e67652e70617373776f72645f757365640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373961332d396336372d656563653633633330306230000776657273696f6e0102');
INSERT INTO audit_block VALUES(48,48,X'8c86b30667d762ad36f65e792d0ee3e97e9a488ef3adc029f30252d99fc9e942',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e00176368616e67652e63616e6469646174655f73746f7265640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373961332d396336372d656563653633633330306230000776657273696f6e0104');
INSERT INTO audit_block VALUES(49,49,X'7aa49933d2b313f697ed9e8f3635a0a6e2b0a4c3431d49e2a6cfc82272731e14',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e00146368616e67652e70617373776f72645f757365640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373961332d396336372d656563653633633330306230000776657273696f6e0104');
INSERT INTO audit_block VALUES(50,50,X'6e6e91841f8d75dd8fdc39ecf835a746fe17748d94747870dd55f8d3855c623c',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e6368616e6765640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790002000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373961332d396336372d656563653633633330306230');
INSERT INTO audit_block VALUES(51,51,X'c36c31d42fa2d9fb3694011c33ed7296a6139f17f239dc4cb7faa6222fa1fc83',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400116175746f6d6174696f6e2e6564697465640100000a63726564656e7469616c01011f5d619450728d902c7b8cca5ef24e000642616b6572790002000d666f726d65725f706f6c6963790200367b2265766572795f64617973223a6e756c6c2c2261667465725f72657665616c223a66616c73652c2277696e646f77223a6e756c6c7d0006706f6c6963790200347b2265766572795f64617973223a33302c2261667465725f72657665616c223a66616c73652c2277696e646f77223a6e756c6c7d');
INSERT INTO audit_block VALUES(52,52,X'57e68730a3780f231d74412d9c940a87da9def441bd1c8a5a11430f71b7c0092',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400106368616e67652e7265717565737465640100000a63726564656e7469616c01011f5d6194507c779a416bbe533440d90005436166c3a9000200066368616e676502002430313166363238372d663433382d373835642d623537642d36643363333736386138313500046b696e640206');
INSERT INTO audit_block VALUES(53,53,X'a05123b3475d1df9c2787bd3b559a827431f1a3eedba9d6925dd81a265d5de98',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d6194507c779a416bbe533440d90005436166c3a90003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d373835642d623537642d366433633337363861383135');
INSERT INTO audit_block VALUES(54,54,X'aeb2d556247ebcdc33c50b3a7f54254a7fc49917e807046203b1c57c0d081910',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d6368616e67652e6661696c65640100000a63726564656e7469616c01011f5d6194507c779a416bbe533440d90005436166c3a90003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373835642d623537642d3664336333373638613831350006726561736f6e020010736974655f756e617661696c61626c65');
INSERT INTO audit_block VALUES(55,55,X'34be60491a65a7440e9230fb47b6d1ef413bd24180e5282ea0cf942572516aa9',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400106368616e67652e7265717565737465640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f70000200066368616e676502002430313166363238372d663433382d376136392d616638362d39383661393762663735656100046b696e640206');
INSERT INTO audit_block VALUES(56,56,X'd4538efc9fec00ee857b0537060c44be5e4fa3ab3f9b5ea2d654a4e6a3aec440',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000f73657373696f6e2e737461727465640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0001000773657373696f6e02002430313166363238372d663433382d373734312d616130662d633235333033626535326464');
INSERT INTO audit_block VALUES(57,57,X'd39d12e8624a7d8acc61b757869260692600c2c3937d7386fa82344e156664b0',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d376139372d626233322d303762393563343939356561');
INSERT INTO audit_block VALUES(58,58,X'ff8a42c44972622dfe21512c635a91c04c78204d2038bfe74ef276a3b18a931a',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d6368616e67652e7061737365640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0002000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d376139372d626233322d303762393563343939356561');
INSERT INTO audit_block VALUES(59,59,X'5c58ff4a2a388a8b6fb1d5670b93b0fef8d117d8e9215403c0f0e41d4a45d2ad',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d73657373696f6e2e656e6465640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0005000e62797465735f7265636f72646564012800077365636f6e64730100000773657373696f6e02002430313166363238372d663433382d373734312d616130662d633235333033626535326464000a737461727465645f6279020004726f6f740003776879020006706572736f6e');
INSERT INTO audit_block VALUES(60,60,X'eb913a0ef59cefc990602f2bb9fa62648cac6cc5a857bea29b82012ba5385f88',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f6287f43873fc9bd59b82b61a2dec000369646100010004726f6c6502000761756469746f72');
INSERT INTO audit_block VALUES(61,61,X'29d48023a171e2380f75c60f038e91ed9dfd846ff5b5bcf8f4d6da1b36991e2b',X'010180eb8fb19ca6b1040000047573657201011f6287f43873fc9bd59b82b61a2dec0003696461000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f6287f438793fbf958dcb7e91f7870004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(62,62,X'c62992d9396e8658b075883621a99f06b2373cad567b417bb7c3ed494b580218',X'010180eb8fb19ca6b1040000047573657201011f6287f43873fc9bd59b82b61a2dec0003696461001873657373696f6e2e7265636f7264696e675f6f70656e65640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0002000e706c61796261636b5f756e74696c020018323030392d30322d31305432333a34313a33312e3030305a000773657373696f6e02002430313166363238372d663433382d373734312d616130662d633235333033626535326464');
INSERT INTO audit_block VALUES(63,63,X'95c4eaa4809995cbe8d388117c866723b697a3bd203040a9377dc504511c6e4a',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000f73657373696f6e2e737461727465640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0001000773657373696f6e02002430313166363238372d663433382d373230302d613630622d313131363866633039643735');
INSERT INTO audit_block VALUES(64,64,X'26f35696da8bbfd058e05914f7b1c4e8f779e25baddc5f42bf723185cb22559e',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d373366352d386439372d653634613330303232363061');
INSERT INTO audit_block VALUES(65,65,X'5f9a26a9e1964daa081b23cb702208df3dd87c80811a520f84da49ab4911aea3',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d6368616e67652e7061737365640100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f0002000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373366352d386439372d653634613330303232363061');
INSERT INTO audit_block VALUES(66,66,X'1f4ec9ab9f19ff943763dddd7f29b89495d4d721b55f4a6424f26d21b96ed346',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001173657373696f6e2e6c696e6b5f6d6164650100000a63726564656e7469616c01011f5d619450770cb3a4a916ad3096d9000653747564696f000300056c6576656c020004766965770006706572736f6e02000362656e000773657373696f6e02002430313166363238372d663433382d373230302d613630622d313131363866633039643735');
INSERT INTO audit_block VALUES(68,67,X'42cc8566b0872b29cf6a36722a64875cbf94b8fbbb9cec39c82ed59dafdb2fbe',X'010280eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f740017736572766963655f6163636f756e742e637265617465640100000f736572766963655f6163636f756e7401011f6287f43870129f87f8ce65bde85a00066465706c6f7900020004726f6c650200066d656d626572000573636f706502001673656520746f6b656e2072657665616c2061756469740001001e736572766963655f6163636f756e742e7365637265745f637265617465640100000d636c69656e745f73656372657401011f6287f43871fa885fe2413f975f86000963635f5748564643700001040205');
INSERT INTO audit_block VALUES(69,69,X'f917fd92358f18488b3fc92265e2b3cb0fb8c9549d8430b1efe11ae6aea33146',X'010180eb8fb19ca6b10400000f736572766963655f6163636f756e7401011f6287f43870129f87f8ce65bde85a00066465706c6f79001c736572766963655f6163636f756e742e746f6b656e5f69737375656401010003000a657870697265735f6174020018323030392d30322d31305432333a34313a33312e3030305a000573636f706502001673656520746f6b656e2072657665616c206175646974000673656372657402000963635f574856464370');
INSERT INTO audit_block VALUES(71,70,X'c2adac3e11ff04430dc383b429f940c8858b92a689b215bf71f17c93a5209a29',X'010280eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f740017736572766963655f6163636f756e742e637265617465640100000f736572766963655f6163636f756e7401011f6287f4387c479d407b2224dbd0a20008706970656c696e6500020004726f6c650200066d656d626572000573636f706502001673656520746f6b656e2072657665616c2061756469740001001e736572766963655f6163636f756e742e7365637265745f637265617465640100000d636c69656e745f73656372657401011f6287f4387fedad7a5cd3b26940b2000963635f4c514c78794d0001040205');
INSERT INTO audit_block VALUES(72,72,X'd771fce349a3a20cce742fd55489164b988281b68c4a91a5b216b573df1e0c21',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001e736572766963655f6163636f756e742e6964656e746974795f6164646564010000126665646572617465645f6964656e7469747901011f6287f4387a55add7fbc826ea5ffe00257265706f3a61636d652f736974653a656e7669726f6e6d656e743a70726f64756374696f6e0003000861756469656e636502001968747470733a2f2f7661756c742e6578616d706c652e636f6d000669737375657202002b68747470733a2f2f746f6b656e2e616374696f6e732e67697468756275736572636f6e74656e742e636f6d000f736572766963655f6163636f756e74020008706970656c696e65');
INSERT INTO audit_block VALUES(73,73,X'730082c51d0b4b1f4a4c882b049099d94c9a8f3877233f28881aaa87b7827e64',X'010180eb8fb19ca6b10400000f736572766963655f6163636f756e7401011f6287f4387c479d407b2224dbd0a20008706970656c696e65001c736572766963655f6163636f756e742e746f6b656e5f69737375656401010005000a657870697265735f6174020018323030392d30322d31305432333a34313a33312e3030305a000669737375657202002b68747470733a2f2f746f6b656e2e616374696f6e732e67697468756275736572636f6e74656e742e636f6d000573636f706502001673656520746f6b656e2072657665616c20617564697400077375626a6563740200257265706f3a61636d652f736974653a656e7669726f6e6d656e743a70726f64756374696f6e0008746f6b656e5f696402000131');
INSERT INTO audit_block VALUES(74,74,X'ef1ea678073b2b7a184338b763b812a2d45a03cd706aaec762de416e74b59f3b',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400127363696d2e746f6b656e5f637265617465640100000a7363696d5f746f6b656e01011f6287f4387c30bd4ceb94d381a369001270726f766973696f6e696e6720746f6b656e0001000561646f70740000');
INSERT INTO audit_block VALUES(76,75,X'4fdb0a4fefbfc2e3556e60ab361e53082399187bc8705d27226241b783573be1',X'010280eb8fb19ca6b1040000047363696d0000045343494d000c757365722e63726561746564010000047573657201011f6287f4387f07b933cf758ab2cd77000373616d00010004726f6c650200066d656d6265720001000b757365722e65646974656401020001000a617474726962757465730001');
INSERT INTO audit_block VALUES(78,77,X'88cb3b71df1661cf273b723f4432127bda8e41122fc81486b7817e891ec3220a',X'010280eb8fb19ca6b1040000047363696d0000045343494d000d67726f75702e637265617465640100000567726f757001011f6287f438744487d5ee9a6b229314000b6e696768742073686966740001000b70726f766973696f6e656400010001001267726f75702e6d656d6265725f61646465640102000100047573657202000373616d');
INSERT INTO audit_block VALUES(79,79,X'f23bfa1b72c8220599bad0e41aa0085b246fa7a14adbd193e3b648a9add9939d',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000f70726f76696465722e656469746564010000057661756c74010102b3620988724ead4ce369297fa025000870726f766964657200070009636c69656e745f696402000b636f756e7465727369676e000c67726f7570735f636c61696d02000667726f757073000669737375657202001968747470733a2f2f6c6f67696e2e6578616d706c652e636f6d00086d617463685f6279020008757365726e616d6500096e65775f75736572730200066e6f626f6479000d7365636f6e645f666163746f7202000e61736b656420666f72206865726500147472757374735f7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(80,80,X'da0bca09bf3d8452dc5f7d711286d4bc77ab9f2105d20b4a0d7815d12374ee23',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000c757365722e63726561746564010000047573657201011f6287f438720c85ce00b77638471d00037a6f6500010004726f6c650200066d656d626572');
INSERT INTO audit_block VALUES(82,81,X'6a74dbde160c8402779f9b833757b7ff4755b13c8ef82ec9e91b94779ecc7b3a',X'010280eb8fb19ca6b1040000047573657201011f6287f438720c85ce00b77638471d00037a6f650017757365722e70726f76696465725f636f6e6e656374656401010002000669737375657202001968747470733a2f2f6c6f67696e2e6578616d706c652e636f6d00077375626a656374020001310001000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f6287f4387f2282506a35af26fb010004746573740002000870726f76696465720001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(83,83,X'49c39b39f68869f8b9f22b30f6416253106e970b027fba142412b485b5f7de0a',X'010180eb8fb19ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74001a7661756c742e6b65795f726f746174696f6e5f73746172746564010000057661756c74010102b3620988724ead4ce369297fa02500097661756c74206b65790002000466726f6d020010323765383139613964366261643262350002746f02001038646434663736333437663538343832');
INSERT INTO audit_block VALUES(84,84,X'bfb357fbe9f28d83ea3ad6520dca871a418ff06b7ee7f0c8bb9b8af37c105c7b',X'010180d3a2d79ca6b10400000673797374656d00000b636f756e7465727369676e00117661756c742e6b65795f726f7461746564010000057661756c74010102b3620988724ead4ce369297fa02500097661756c74206b65790002000466726f6d020010323765383139613964366261643262350002746f02001038646434663736333437663538343832');
INSERT INTO audit_block VALUES(85,85,X'8e6f04dfc4bd8bea0d3077302534f2196b5b64c05c6531c4117c5fe313281d48',X'010180d3a2d79ca6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f7400116170695f746f6b656e2e63726561746564010000096170695f746f6b656e01011f62889078717395e789c109c461fe000263690003000561646d696e0001000a657870697265735f6174020018323030392d30352d31315432333a33323a31312e3030305a0004726f6c6502000d61646d696e6973747261746f72');
INSERT INTO audit_block VALUES(86,86,X'7422acd197c7cad748346ec74988cda2283668863d2156cb0251ce976abc4cd9',X'010180d3a2d79ca6b1040000047573657201011f5d61945076769f6c81dc7496d9a1000362656e000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f6288907876e3a4ca45210a4fb6ca0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(87,87,X'aa89d75ec72a50af4374202eec9390a44b0774286c52cf945ce4e88c10546ba3',X'010180d3a2d79ca6b1040000047573657201011f5d61945076769f6c81dc7496d9a1000362656e00106465766963652e636f64655f6d61646501010000');
INSERT INTO audit_block VALUES(88,88,X'a9358b2333f511b9a9321a2909f2b74e613ba06352ee3cf59ebd8ea8df5f17cc',X'010180d3a2d79ca6b104000009657874656e73696f6e01011f5d61945076769f6c81dc7496d9a1000a62656e2f4c6170746f70000d6465766963652e7061697265640100000664657669636501011f628890787414b7df09e2003a424e00064c6170746f7000030007616464726573730200093139322e302e322e37000a657870697265735f6174020018323030392d30382d30395432333a33323a31312e3030305a00047573657202002430313166356436312d393435302d373637362d396636632d383164633734393664396131');
INSERT INTO audit_block VALUES(89,89,X'f1ce6d35fff7642378947d94be0aa61f5314cdf2a0884acf023fb926a327ca54',X'010180d3a2d79ca6b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d6178000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f6288907874dbbdd22ab4951eaaa40004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(90,90,X'3fffb9019a67ef3bb75121f0dd10f8b7e92b16edfcb4b0c179b9217e9f112ec1',X'010180d3a2d79ca6b1040000047573657201011f5d619450773eab0cd0a63e3185cf00036d617800106465766963652e636f64655f6d61646501010000');
INSERT INTO audit_block VALUES(91,91,X'588986e4cb6a4e199ecd245bf10ab0d11a4af5ad53b38da68d79db9a36d45060',X'010180d3a2d79ca6b1040000066e6f626f64790000036576610013757365722e7369676e5f696e5f6661696c6564010000047573657201011f5d6194507cc4a7c85d8f479a394f020001000577726f6e6702000870617373776f7264');
INSERT INTO audit_block VALUES(92,92,X'df4116c13b9a79872d8f7b35f6da90c2ada59c6b0cef7855ab175acc7bac0e7b',X'010180efbe909da6b10400000673797374656d010102b362098873baae145e4e183feab90004726f6f74000a746f6b656e2e726561640100000a63726564656e7469616c01011f5d6194507725b979bf2ad9a3f685000453686f7000010004737465700194b59e27');
CREATE TABLE audit_index (
    id integer primary key,
    terms blob not null
);
CREATE TABLE audit_run (
    run integer primary key,
    since integer not null,
    until integer not null,
    -- In which of its 64 segments something of authority happened, one bit each; what was ended hangs on it, so it is marked.
    authority integer not null,
    mark blob
);
CREATE TABLE audit_name (
    name text not null,
    thing blob not null,
    primary key (name, thing)
) without rowid;
CREATE TABLE credential_gone (
    credential blob primary key not null,
    changed integer not null
);
INSERT INTO credential_gone VALUES(X'011f5d6194507f90abd682a313ac7ce5',22);
CREATE TABLE person_group (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    created_at integer not null,
    mark blob
);
INSERT INTO person_group VALUES(X'011f5d6194507569af34a53cbd93e52c','leads','leads',1234222290000000,X'7699532fcc4a4d71ead4373b9c3e40180a7237af7dbf65fb53f476533b101f18');
INSERT INTO person_group VALUES(X'011f5d6194507714b7a25e3d2082ef1c','staff','staff',1234222290000000,X'ce842a7eeb37856240dd82c6a21540b748019d488ab03b97a948c680fa06b46a');
INSERT INTO person_group VALUES(X'011f6287f438744487d5ee9a6b229314','night shift','night shift',1234308691000000,X'3872dac75dd65c0071816e6a7cb88efc5d42c9e5c94a9424eb1c4cb2a1b1720d');
CREATE TABLE group_member (
    id blob primary key not null,
    grp blob not null references person_group (id) on delete cascade,
    person blob references person (id) on delete cascade,
    inner_grp blob references person_group (id) on delete cascade,
    mark blob
, by_provider boolean not null default false);
INSERT INTO group_member VALUES(X'011f5d6194507f808caa9b85ff093e1c',X'011f5d6194507569af34a53cbd93e52c',X'011f5d61945076769f6c81dc7496d9a1',NULL,X'a5b4a49d3be4a10f64a070f153ef34163ee5b2a70a17befe171978368c7ef3d6',0);
INSERT INTO group_member VALUES(X'011f5d6194507e98b7e0dc9d6461c370',X'011f5d6194507569af34a53cbd93e52c',X'011f5d619450779cbae9d9963fef7448',NULL,X'93bdc956b03af20741681b65c0c78fc7d87d8c73675ec75ce9e072c95abea7a5',0);
INSERT INTO group_member VALUES(X'011f5d61945077669bc3b36d30e8e22d',X'011f5d6194507714b7a25e3d2082ef1c',NULL,X'011f5d6194507569af34a53cbd93e52c',X'505e33a4398a28a3fa92cfe6342b2ce42bc4251722356f60c87157ec8e067729',0);
INSERT INTO group_member VALUES(X'011f5d61945076c0800f5b6ed2c01c35',X'011f5d6194507714b7a25e3d2082ef1c',X'011f5d619450773eab0cd0a63e3185cf',NULL,X'68f99530b3d0ad309b4776fc19e58ceeaa351538845be6ce8e6f1e038325a874',0);
INSERT INTO group_member VALUES(X'011f6287f43873ed91658b67e8407fb3',X'011f6287f438744487d5ee9a6b229314',X'011f6287f4387f07b933cf758ab2cd77',NULL,X'a52d5ef1ae193ab76e5f54aa818f70cf2cef2537146866471b4ecda323b32700',0);
CREATE TABLE access_grant (
    id blob primary key not null,
    person blob references person (id) on delete cascade,
    grp blob references person_group (id) on delete cascade,
    credential blob references credential (id) on delete cascade,
    tag text,
    site text,
    token boolean not null,
    reveal boolean not null,
    session text,
    extras text,
    change boolean not null,
    edit boolean not null,
    share boolean not null,
    audit boolean not null,
    conditions text not null,
    starts_at integer,
    ends_at integer,
    created_at integer,
    created_by text,
    mark blob
);
INSERT INTO access_grant VALUES(X'011f5d619450745b937f45bfa5441aef',NULL,X'011f5d6194507569af34a53cbd93e52c',NULL,'back office',NULL,1,1,NULL,'{"address":false,"paste":false,"copy":false,"upload":false,"download":false}',0,0,0,0,'{}',NULL,NULL,1234222290000000,'root',X'ebb641dcb6283297e422fcfd8b00f5097d524861caa41d00006d2e26ac39506e');
INSERT INTO access_grant VALUES(X'011f5d6194507912bc7b62192828f584',X'011f5d619450773eab0cd0a63e3185cf',NULL,X'011f5d6194507725b979bf2ad9a3f685',NULL,NULL,1,1,NULL,'{"address":false,"paste":false,"copy":false,"upload":false,"download":false}',0,0,0,0,'{"approval":{"levels":[{"group":"011f5d61-9450-7569-af34-a53cbd93e52c","approvals":1}],"minutes":60,"emergency_minutes":15}}',NULL,NULL,1234222290000000,'root',X'dfad1f00f73945f67b3a2759caa1241ab956f72c412a170aa5326d5c60728504');
INSERT INTO access_grant VALUES(X'011f5d6194507be28443831ea3e641b6',X'011f5d619450773eab0cd0a63e3185cf',NULL,X'011f5d619450759aaa13c8cba18362a5',NULL,NULL,1,1,NULL,'{"address":false,"paste":false,"copy":false,"upload":false,"download":false}',0,0,0,0,'{"check_out":{"minutes":60,"change_after":false}}',NULL,NULL,1234222290000000,'root',X'16eb951b2ba49b53bf7777d3e663d71b406c16b04ffa878e960ad44f53fef0ff');
CREATE TABLE access_request (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    grant_id blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    waits_until integer not null,
    starts_at integer,
    ends_at integer,
    closed text,
    terms text not null,
    closing text,
    mark blob
);
INSERT INTO access_request VALUES(X'011f5d61945075adaf4559893d51901c',X'011f5d6194507725b979bf2ad9a3f685',X'011f5d6194507912bc7b62192828f584',X'011f5d619450773eab0cd0a63e3185cf',1234222290000000,1234308690000000,1234222290000000,1234224090000000,NULL,'{"permissions":{"token":true,"reveal":true,"session":null,"extras":{"address":false,"paste":false,"copy":false,"upload":false,"download":false},"change":false,"edit":false,"share":false,"audit":false},"rule":{"levels":[{"group":"011f5d61-9450-7569-af34-a53cbd93e52c","approvals":1}],"minutes":60,"emergency_minutes":15},"minutes":30,"reason":"a fix","approvals":[{"person":"011f5d61-9450-7676-9f6c-81dc7496d9a1","name":"ben","level":0,"at":"2009-02-09T23:31:30.000Z"}]}',NULL,X'dadb631a362ec4237b993c358fed2d28a6dadd76940bac9d39af85a47b9eb419');
CREATE TABLE check_out (
    credential blob primary key not null references credential (id) on delete cascade,
    holder blob,
    due_at integer,
    state text not null,
    mark blob
);
INSERT INTO check_out VALUES(X'011f5d619450759aaa13c8cba18362a5',X'011f5d619450773eab0cd0a63e3185cf',1234224090000000,'{"held":{"person":"011f5d61-9450-773e-ab0c-d0a63e3185cf","name":"max","grant":"011f5d61-9450-7be2-8443-831ea3e641b6","rule":{"minutes":60,"change_after":false},"from":"2009-02-09T23:31:30.000Z","until":"2009-02-10T00:01:30.000Z"},"queue":[],"turn_from":null,"told":null}',X'ad99160b3ff1bcca0b0359fa2f799739bd1dc0cb69351f9ad02d7d6cf5d55c89');
CREATE TABLE grant_decision (
    grant_id blob primary key not null references access_grant (id) on delete cascade,
    decided_at integer not null,
    decided_by text not null,
    mark blob
);
INSERT INTO grant_decision VALUES(X'011f5d619450745b937f45bfa5441aef',1234222290000000,'root',X'd35204f4349fd9828840c04965375001a81e7135aad4400b803f28a2422d6146');
INSERT INTO grant_decision VALUES(X'011f5d6194507912bc7b62192828f584',1234222290000000,'root',X'4aa8f485ca20a15e0e0f9031fea1d169eadae46ee02cd015575950a43c7314d9');
INSERT INTO grant_decision VALUES(X'011f5d6194507be28443831ea3e641b6',1234222290000000,'root',X'db6ae0d7983b46639fa5717c204d39117452d5926dcade79ae8a58d491e278bd');
CREATE TABLE last_use (
    thing blob primary key not null,
    used_at integer not null,
    actor blob not null,
    actor_name text not null,
    act text not null,
    uses integer not null
);
CREATE TABLE passkey (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    credential blob not null,
    name text not null,
    stored text not null,
    created_at integer not null,
    last_used_at integer,
    mark blob
);
INSERT INTO passkey VALUES(X'011f5d619450788bad5093306c350481',X'011f5d61945074799fb12ebeb5d48f2d',X'5474e390a9a2a89f790cd37006da0979cf68d4455e73d5ab0c8654ca73f5cf83','Phone','{"cred":{"cred_id":"VHTjkKmiqJ95DNNwBtoJec9o1EVec9WrDIZUynP1z4M","cred":{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1","x":"QQpZ88Rv1Sa6hHb49ItwzLH3te_IPcGcPcqX-OqqL8A","y":"GB3T4JtqTVXuIp3w4J-CfG5qsWDRJE5n_SJoAGSAPPI"}}},"counter":1,"transports":null,"user_verified":true,"backup_eligible":false,"backup_state":false,"registration_policy":"required","extensions":{"cred_protect":"Ignored","hmac_create_secret":"NotRequested","appid":"NotRequested","cred_props":"Ignored"},"attestation":{"data":"None","metadata":"None"},"attestation_format":"none"}}',1234222290000000,NULL,X'd3399fc297a51e3a1fd72c29ff5f9be665986ca1c724f3b50b5eb2de1df25c1a');
CREATE TABLE passkey_challenge (
    id blob primary key not null,
    holder blob not null,
    state text not null,
    expires_at integer not null,
    mark blob
);
INSERT INTO passkey_challenge VALUES(X'011f6288907874078bb9ff6605953f60',X'bc6488f470a597c60b4af613e2944fbc3c752c7c6547948e98b042793a790227','{"ast":{"credentials":[],"policy":"required","challenge":"SBccJx8xTdiKNPc-AJIJy-c6_TtmKlN6Z1Gb-Nq5a8w","appid":null,"allow_backup_eligible_upgrade":false}}',1234309031000000,X'2d4e88011f5e529fdf00de23fddd07fd7ea3f4a555d6361c14ce745f5885cb9c');
CREATE TABLE service_account (
    person blob primary key not null references person (id) on delete cascade,
    description text not null,
    owner blob references person (id) on delete set null,
    scope text not null,
    networks text not null,
    expires_at integer,
    created_by text not null,
    last_used_at integer,
    mark blob not null
);
INSERT INTO service_account VALUES(X'011f6287f43870129f87f8ce65bde85a','deploys the site',NULL,'see token reveal audit','',NULL,'root',1234308691000000,X'5bef3fe260c0749ca50fc07458b47cdc22f3d7de2b2819225b5b41badf0aae3f');
INSERT INTO service_account VALUES(X'011f6287f4387c479d407b2224dbd0a2','deploys the site',NULL,'see token reveal audit','',NULL,'root',1234308691000000,X'fc5b65f534dc5cc963db5f9b4ece836aa5767a6c88b1117251077ed22a2cbbe6');
CREATE TABLE client_secret (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    hint text not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    last_used_at integer,
    mark blob not null
);
INSERT INTO client_secret VALUES(X'011f6287f43871fa885fe2413f975f86',X'0d9773435ef8f57d3f4f776674e6de155c7150ab7d632a45ab4117b9222568b2',X'011f6287f43870129f87f8ce65bde85a','cc_WHVFCp',1234308691000000,'root',NULL,1234308691000000,X'948d071f3bc9d5abdd96323add071c797784d7dd530724ee39df308519d8c06a');
INSERT INTO client_secret VALUES(X'011f6287f4387fedad7a5cd3b26940b2',X'891e9b3850ad8c4e26ad96a50c1699815492062568b27b951c578ecdddea9905',X'011f6287f4387c479d407b2224dbd0a2','cc_LQLxyM',1234308691000000,'root',NULL,NULL,X'1423376a72cdf9da66cfd366e25d4c8127359a05483b891cb8ebd14fa4fa625a');
CREATE TABLE scim_token (
    id blob primary key not null,
    token blob not null,
    adopt boolean not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    last_used_at integer,
    mark blob not null
);
INSERT INTO scim_token VALUES(X'011f6287f4387c30bd4ceb94d381a369',X'50b456ac59f019f51e70483e8f59259ce8ff3e56718ff51b7f25a53f2c2d5d59',0,1234308691000000,'root',NULL,1234308691000000,X'a4d76cd2f4d5aa2e23cf0008750537378f0d07f04be5774a13fed277b5047bdb');
CREATE TABLE scim_user (
    person blob primary key not null references person (id) on delete cascade,
    external_id text,
    attributes text not null,
    updated_at integer not null,
    mark blob not null
);
INSERT INTO scim_user VALUES(X'011f6287f4387f07b933cf758ab2cd77',NULL,'{"active":true,"display":null,"email":null,"family":null,"given":null,"kept_out":false}',1234308691000000,X'2ce2bed5b7d77a8cc5da3f8b354ecb3311ad82ddca4056f962cc7efadd4a95c9');
CREATE TABLE scim_group (
    grp blob primary key not null references person_group (id) on delete cascade,
    external_id text,
    mark blob not null
);
INSERT INTO scim_group VALUES(X'011f6287f438744487d5ee9a6b229314','7',X'dff90040b8d5b584ddfbbe42b80ad97ceff8c3549941f4c946ac24b007fc551d');
CREATE TABLE provider (
    id blob primary key not null,
    settings text not null,
    version blob not null,
    sealed blob not null,
    mark blob
);
INSERT INTO provider VALUES(X'0102b3620988724ead4ce369297fa025','{"name":"Example","issuer":"https://login.example.com","client_id":"countersign","address":"https://vault.example.com","scopes":["profile"],"match_by":"username","new_users":null,"trusts_second_factor":false,"groups_claim":"groups","groups":[]}',X'011f6287f438737785232a26ef03c2f5',X'02000000026b2a705ef30daca24e0050245e67a281f70c18f4ab1034fb626746e3ed39664c4d80c8b6c70e24bed66016fb82c7bd88507de1e9dbf80b585f8fe1bc37d116a4e1f27d45a74f50800db7a2a3b6ab0cd97accf852c01caf6caf7411286235b2200172ddd8935dd4',X'123fefd730f2541a94984922fa9dd2f1bc78c60a31a3f13a9a88f3cc0341654f');
CREATE TABLE provider_identity (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    issuer text not null,
    subject text not null,
    created_at integer not null,
    mark blob
);
INSERT INTO provider_identity VALUES(X'011f6287f4387a61a551966abc2849dc',X'011f6287f438720c85ce00b77638471d','https://login.example.com','1',1234308691000000,X'8ae8f20890b336ed7cc38db51f3848f7d81e72d66d5fca387b79ef00a9e046cc');
CREATE TABLE round_trip (
    token blob primary key not null,
    began_at integer not null,
    state text not null,
    mark blob not null
);
INSERT INTO round_trip VALUES(X'518df4bf48ba6ec042be80f45e2fe4e5b32455e1e46991a9d66ef9f74907edd5',1234308731000000,'{"purpose":"sign_in","user":null,"session":null,"stage":"away"}',X'043a61ba5080d5158df62db734d1e0cbe6c23119806513ea9231f058404a7dc2');
CREATE TABLE audit_sink (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    kind text not null,
    settings text not null,
    version blob not null,
    sealed blob not null,
    paused boolean not null,
    created_at integer not null,
    mark blob
);
INSERT INTO audit_sink VALUES(X'011f5d61945074758cf2814dd2573167','SIEM','siem','webhook','{"address":"https://hooks.example.com","has_header":true,"authority":null,"plain":false,"acts":["token.read"]}',X'011f5d6194507451a43af97dd5d0bfe9',X'020000000295b23efaf9d2dea02a94e805c1318b1b13f4e4c1f7c92a0235970757814c4777ac3deb7b0d2ec8f10f4df5194706235a73ce0c40056383bf6c9ff0b352bdec4a92b153b944b2a14ba22144b40124dfb3082fb4ed169166339f31abc5cb92bb4598dcd15d8908f3213e3c253666a541b1fa3e3a6f83438efc6c15b0bd69fc3454be9c12d872b756c2f7f5e6dd45a577feaf9afad46ad632d452390697aef04510d8a45876c32f449dab71bfc0e45ced12b94b44e95416adc6d0367403f484a2f1ff48dc614cde3acaa88b99e099d6fea69977a3453b78c4ea759d1800056d8fc7fa',0,1234222290000000,X'dc84b9405d7f6bbfe7e6583b0cf536b75f3a14119b0a42a32d5627d7f1019db7');
CREATE TABLE audit_sink_state (
    sink blob primary key not null references audit_sink (id) on delete cascade,
    start_seq integer not null,
    cursor_seq integer not null,
    cursor_root blob not null,
    sent_seq integer not null,
    checkpoint_size integer not null,
    mark blob,
    attempts integer not null,
    failing_since integer,
    last_error text,
    next_try_at integer,
    taken_at integer,
    told_at integer,
    leased_by text,
    leased_until integer
);
INSERT INTO audit_sink_state VALUES(X'011f5d61945074758cf2814dd2573167',0,34,X'14e2ed304c0c525d394f72f6dfd7a688fdc744c0608639f6003fe9df0935e559',20,0,X'22fcdd141ec2b552198714f14fe0cf83427d3858f639b1539476a6c5cce5af18',0,NULL,NULL,NULL,1234222290000000,NULL,NULL,NULL);
CREATE TABLE audit_view (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    filter text not null,
    created_at integer not null
);
INSERT INTO audit_view VALUES(X'011f5d6194507c4d9ce997e01d01ab2c',X'011f5d61945074799fb12ebeb5d48f2d','Refusals','{"search":null,"act":"token.denied","credential":null,"actor":null,"since":null,"until":null}',1234222290000000);
CREATE TABLE federated_identity (
    id blob primary key not null,
    person blob not null references service_account (person) on delete cascade,
    issuer text not null,
    audience text not null,
    subject text not null,
    claims text not null,
    created_at integer not null,
    created_by text not null,
    last_used_at integer,
    mark blob not null
);
INSERT INTO federated_identity VALUES(X'011f6287f4387a55add7fbc826ea5ffe',X'011f6287f4387c479d407b2224dbd0a2','https://token.actions.githubusercontent.com','https://vault.example.com','repo:acme/site:environment:production','{}',1234308691000000,'root',1234308691000000,X'268b3521cc19db461af79b9c95a4e6ab89958fca7d7247969a0e02a4dc70d45a');
CREATE TABLE used_assertion (
    id blob primary key not null,
    expires_at integer not null
);
INSERT INTO used_assertion VALUES(X'e191192ec3afeb1a1c4a3f2f8cad1e2f',1234309051000000);
CREATE TABLE IF NOT EXISTS "access_token" (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    secret blob references client_secret (id) on delete cascade,
    scope text not null,
    created_at integer not null,
    expires_at integer not null,
    mark blob not null,
    identity blob references federated_identity (id) on delete cascade
);
INSERT INTO access_token VALUES(X'011f6287f4387dffa87415ee7449349e',X'94370045c8a73c5987aacb3e38932dfc7f993a8d924ff7c78f5a43060d81216a',X'011f6287f43870129f87f8ce65bde85a',X'011f6287f43871fa885fe2413f975f86','see token reveal audit',1234308691000000,1234309291000000,X'320ade704b9bc752b188a8436833f2185e00e4f89d2cf586c02b9e00d77277e7',NULL);
INSERT INTO access_token VALUES(X'011f6287f4387b4893f929e49a468250',X'1f21f3a4cb8e55ff78758beddb2da45cc1cc60f6b0419abf978a39cdc8cb6667',X'011f6287f4387c479d407b2224dbd0a2',NULL,'see token reveal audit',1234308691000000,1234309291000000,X'b1a3a3a38d5256bde7305c41c2d7d0c8737954438a90351869b7f2fe7a45b53b',X'011f6287f4387a55add7fbc826ea5ffe');
CREATE TABLE device (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    public_key blob not null,
    created_at integer not null,
    expires_at integer not null,
    last_used_at integer,
    mark blob not null
);
INSERT INTO device VALUES(X'011f628890787414b7df09e2003a424e',X'011f5d61945076769f6c81dc7496d9a1','Laptop',X'045d6594337203d200f83a1e29447835d9642be4e4fa3775c24430bf34b39b731590f3947f098cce4726a793c33c85a18c8f42b15fa157b8993e37a63f51be8516',1234308731000000,1249860731000000,1234308731000000,X'b38d3b2bef02bb8c049bf718ca372a68cc229a6770c9b0aedaf452c77e44ceaf');
CREATE TABLE pairing_code (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
INSERT INTO pairing_code VALUES(X'011f5d619450773eab0cd0a63e3185cf',X'2f916ffd5044a0ce2d1fa5378b40e6650c6a6a77c6949745550a3fbfac33974a',1234309031000000,X'abff2e2cf7906e92d853d987491863486e151d3e1c25756e1f49202ce4f3baa0');
CREATE TABLE device_request (
    device blob not null references device (id) on delete cascade,
    nonce blob not null,
    expires_at integer not null,
    primary key (device, nonce)
);
INSERT INTO device_request VALUES(X'011f628890787414b7df09e2003a424e',X'00000000000000000000000000000001',1234308792000000);
CREATE UNIQUE INDEX person_name on person (name_key);
CREATE UNIQUE INDEX web_session_token on web_session (token);
CREATE INDEX web_session_person on web_session (person);
CREATE UNIQUE INDEX api_token_token on api_token (token);
CREATE INDEX api_token_person on api_token (person);
CREATE UNIQUE INDEX credential_name on credential (name_key);
CREATE INDEX credential_updated on credential (updated_at, id);
CREATE INDEX credential_list on credential (name_key, id, search, status, kind);
CREATE INDEX credential_tag_credential on credential_tag (credential);
CREATE INDEX seed_print on seed (print);
CREATE UNIQUE INDEX password_version_number on password_version (credential, number);
CREATE UNIQUE INDEX step_use_claimed on step_use (credential, step) where claimed;
CREATE INDEX step_use_at on step_use (at);
CREATE INDEX password_version_print on password_version (print);
CREATE UNIQUE INDEX change_open on change (credential) where ended_at is null;
CREATE INDEX change_credential on change (credential, created_at);
CREATE INDEX change_created on change (created_at, id);
CREATE INDEX job_run_at on job (run_at);
CREATE INDEX automation_next_change on automation (next_change_at);
CREATE INDEX automation_next_heartbeat on automation (next_heartbeat_at);
CREATE UNIQUE INDEX session_open on session (credential) where ended_at is null;
CREATE INDEX session_created on session (created_at, id);
CREATE INDEX session_ended on session (ended_at);
CREATE INDEX session_credential on session (credential, created_at);
CREATE INDEX session_change on session (change);
CREATE INDEX session_started_by on session (started_by);
CREATE INDEX session_link_session on session_link (session, person);
CREATE INDEX session_link_person on session_link (person);
CREATE INDEX notice_due on notice (run_at) where delivered_at is null and given_up_at is null;
CREATE INDEX notice_created on notice (created_at, id);
CREATE INDEX notice_change on notice (change, kind);
CREATE INDEX sign_in_count_last on sign_in_count (last_at);
CREATE INDEX known_browser_person on known_browser (person);
CREATE INDEX api_token_parent on api_token (parent);
CREATE INDEX playback_expires on playback (expires_at);
CREATE UNIQUE INDEX person_link_token on person_link (token);
CREATE VIEW shown_change as
    select id, credential, kind, state, reason, asked_by_name, because, note, created_at, started_at, ended_at, not_before,
        waiting_until, candidate, armed_at, attempts, current_tries, candidate_tries, settled_by, asker, site_answer, submitted_at
    from change where kind <> 'sign_in';
CREATE INDEX credential_changed on credential (changed) where changed is not null;
CREATE INDEX credential_gone_changed on credential_gone (changed);
CREATE TRIGGER credential_added after insert on credential when new.changed is null
begin
    update credential set changed = coalesce((select audit_size + 1 from vault), 1) where rowid = new.rowid;
end;
CREATE TRIGGER credential_edited after update of name_key, search, site, updated_at, status, kind, tags on credential
begin
    update credential set changed = coalesce((select audit_size + 1 from vault), 1) where rowid = new.rowid;
end;
CREATE TRIGGER credential_removed after delete on credential
begin
    insert or replace into credential_gone (credential, changed)
        values (old.id, coalesce((select audit_size + 1 from vault), 1));
end;
CREATE UNIQUE INDEX person_group_name on person_group (name_key);
CREATE UNIQUE INDEX group_member_person on group_member (person, grp);
CREATE UNIQUE INDEX group_member_inner on group_member (inner_grp, grp);
CREATE INDEX group_member_grp on group_member (grp);
CREATE INDEX access_grant_person on access_grant (person);
CREATE INDEX access_grant_grp on access_grant (grp);
CREATE INDEX access_grant_credential on access_grant (credential);
CREATE INDEX access_grant_tag on access_grant (tag);
CREATE INDEX access_grant_site on access_grant (site);
CREATE INDEX credential_site_host on credential (site_host);
CREATE INDEX access_request_person on access_request (person, ends_at);
CREATE INDEX access_request_credential on access_request (credential);
CREATE INDEX access_request_grant on access_request (grant_id) where closed is null;
CREATE INDEX access_request_open on access_request (waits_until) where closed is null and ends_at is null;
CREATE INDEX session_request on session (request) where request is not null;
CREATE INDEX check_out_due on check_out (due_at) where due_at is not null;
CREATE INDEX check_out_holder on check_out (holder) where holder is not null;
CREATE UNIQUE INDEX passkey_credential on passkey (credential);
CREATE INDEX passkey_person on passkey (person);
CREATE UNIQUE INDEX passkey_challenge_holder on passkey_challenge (holder);
CREATE INDEX passkey_challenge_expires on passkey_challenge (expires_at);
CREATE INDEX service_account_owner on service_account (owner);
CREATE UNIQUE INDEX client_secret_token on client_secret (token);
CREATE INDEX client_secret_person on client_secret (person);
CREATE UNIQUE INDEX scim_token_token on scim_token (token);
CREATE INDEX scim_user_external on scim_user (external_id);
CREATE INDEX scim_group_external on scim_group (external_id);
CREATE UNIQUE INDEX provider_identity_subject on provider_identity (issuer, subject);
CREATE UNIQUE INDEX provider_identity_person on provider_identity (person, issuer);
CREATE INDEX round_trip_began on round_trip (began_at);
CREATE UNIQUE INDEX audit_sink_name on audit_sink (name_key);
CREATE INDEX audit_view_person on audit_view (person);
CREATE INDEX federated_identity_person on federated_identity (person);
CREATE INDEX used_assertion_expires on used_assertion (expires_at);
CREATE UNIQUE INDEX access_token_token on access_token (token);
CREATE INDEX access_token_person on access_token (person, created_at);
CREATE INDEX access_token_secret on access_token (secret);
CREATE INDEX access_token_expires on access_token (expires_at);
CREATE INDEX access_token_identity on access_token (identity);
CREATE INDEX device_person on device (person);
CREATE UNIQUE INDEX pairing_code_token on pairing_code (token);
CREATE INDEX device_request_expires on device_request (expires_at);
COMMIT;
