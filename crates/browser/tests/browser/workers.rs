use super::*;

/// A page that makes a worker of each kind and writes down what each answers.
const WORKERS: &str = "<ul id=said></ul><script>
  const note = (text) => { const line = document.createElement('li'); line.textContent = text; said.append(line); };
  const hear = (worker, name) => { worker.onmessage = (event) => note(name + ' ' + event.data); };
  hear(new Worker('/plain.js'), 'classic');
  hear(new Worker('/module.js', { type: 'module' }), 'module');
  hear(new Worker('/nest.js'), 'nested');
  hear(new Worker(URL.createObjectURL(new Blob([\"postMessage('here')\"], { type: 'text/javascript' }))), 'blob');
  const shared = new SharedWorker('/shared.js');
  hear(shared.port, 'shared');
  shared.port.start();
  navigator.serviceWorker.onmessage = (event) => note('service ' + event.data);
  navigator.serviceWorker.register('/service.js').then(() => navigator.serviceWorker.ready).then((ready) => ready.active.postMessage('hello'));
</script>";

fn workers_of(site: &Site) {
    site.page("/", WORKERS)
        .page("/plain.js", "postMessage('here')")
        .page("/module.js", "export default 1; postMessage('here')")
        .page("/nest.js", "new Worker('/plain.js').onmessage = (event) => postMessage(event.data)")
        .page("/shared.js", "onconnect = (event) => event.ports[0].postMessage('here')")
        .page(
            "/service.js",
            "onactivate = (event) => event.waitUntil(clients.claim()); onmessage = (event) => event.source.postMessage('here')",
        );
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_of_every_kind_run() {
    let site = Site::open().await;
    workers_of(&site);
    site.page("/around", "<iframe src='@there/' width=600 height=300></iframe>");
    let browser = browser().await;
    let kinds = ["classic here", "module here", "nested here", "blob here", "shared here", "service here"];
    for address in [site.here(), format!("{}/around", site.here())] {
        let context = context(&browser).await;
        let page = opened(&context, &address).await;
        until(&page, |snapshot| kinds.iter().all(|kind| texts(snapshot).contains(kind))).await;
    }
    // Again in the context in which they are known and run already.
    let context = context(&browser).await;
    let first = opened(&context, &site.here()).await;
    until(&first, |snapshot| kinds.iter().all(|kind| texts(snapshot).contains(kind))).await;
    let second = opened(&context, &site.here()).await;
    until(&second, |snapshot| kinds.iter().all(|kind| texts(snapshot).contains(kind))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_8_workers_ask_through_the_gate() {
    let site = Site::open().await;
    let asks = "const ask = (say) => Promise.all(['@there/secret', '@here/open'].map((address) => fetch(address, { mode: 'no-cors' }).then(() => 'let', () => 'kept')))
        .then((both) => say(both.join(' ') + (/Headless/.test(navigator.userAgent) ? ' headless' : ' plain')));";
    site.page(
        "/",
        "<ul id=said></ul><script>
         const note = (text) => { const line = document.createElement('li'); line.textContent = text; said.append(line); };
         new Worker('/plain.js').onmessage = (event) => note('classic ' + event.data);
         const shared = new SharedWorker('/shared.js');
         shared.port.onmessage = (event) => note('shared ' + event.data);
         shared.port.start();
         navigator.serviceWorker.onmessage = (event) => note('service ' + event.data);
         navigator.serviceWorker.register('/service.js').then(() => navigator.serviceWorker.ready).then((ready) => ready.active.postMessage('hello'));
         </script>",
    )
    .page("/open", "open")
    .page("/secret", "secret")
    .page("/plain.js", &format!("{asks} ask(postMessage)"))
    .page("/shared.js", &format!("{asks} onconnect = (event) => ask((said) => event.ports[0].postMessage(said))"))
    .page("/service.js", &format!("{asks} onmessage = (event) => ask((said) => event.source.postMessage(said))"));
    let browser = browser().await;
    let policy =
        |host: &str, _: IpAddr, _: u16| if host == "127.0.0.1" { Ok(()) } else { Err("it is private".to_owned()) };
    let context = browser.context(ContextOptions { policy: Arc::new(policy), ..options(&browser) }).await.unwrap();
    let page = opened(&context, &site.here()).await;
    let wanted = ["classic kept let plain", "shared kept let", "service kept let"];
    let last = until(&page, |snapshot| texts(snapshot).len() >= wanted.len()).await;
    for one in wanted {
        assert!(texts(&last).iter().any(|text| text.starts_with(one)), "{:?}", texts(&last));
    }
    assert!(!site.asked().iter().any(|(_, path, ..)| path == "/secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_eats_counts_for_its_page() {
    let site = Site::open().await;
    site.page("/", "<script>new Worker('/eat.js')</script>")
        .page("/eat.js", "const all = []; setInterval(() => all.push(new Uint8Array(16 << 20).fill(1)), 20)");
    let browser = browser().await;
    let limits = ContextLimits { memory_mib: 200, ..ContextLimits::default() };
    let context = browser.context(ContextOptions { limits, ..options(&browser) }).await.unwrap();
    let page = opened(&context, &site.here()).await;
    let ended = tokio::time::timeout(LONG, async {
        loop {
            if let Err(error) = page.changed(page.revision(), LONG).await {
                return error;
            }
        }
    });
    assert!(matches!(ended.await.unwrap(), countersign_browser::Error::TooMuchMemory { limit_mib: 200 }));
}
