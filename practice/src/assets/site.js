// What the pages do in a browser. `P` is written by the server before this script: what the page is and how it moves.
(() => {
  'use strict';
  const app = () => document.querySelector('body > div');

  // Tells the site what is typed, so that a test can see where it went.
  window.typed = (event) => {
    const field = event.composedPath()[0];
    if (!field || field.value === undefined || field.type === 'hidden') return;
    const row = new URLSearchParams({ page: P.page, field: field.name || '', value: field.value, v: P.visit || '' });
    navigator.sendBeacon('/typed', row);
  };

  // One-digit boxes.
  const boxes = (box) => [...box.parentNode.querySelectorAll('input')];
  const full = (all) => {
    if (all[0].dataset.send && all.every((one) => one.value)) all[0].form.requestSubmit();
  };
  window.box = (event) => {
    const all = boxes(event.target);
    event.target.value = event.target.value.replace(/\D/g, '').slice(-1);
    const next = all[all.indexOf(event.target) + 1];
    if (event.target.value && next) next.focus();
    full(all);
  };
  window.back = (event) => {
    const all = boxes(event.target);
    const before = all[all.indexOf(event.target) - 1];
    if (event.key === 'Backspace' && !event.target.value && before) before.focus();
  };
  window.spread = (event) => {
    event.preventDefault();
    const all = boxes(event.target);
    const digits = event.clipboardData.getData('text').replace(/\D/g, '');
    all.forEach((one, index) => { one.value = digits[index] || ''; });
    typed(event);
    full(all);
  };

  window.peek = (button) => {
    const show = button.dataset.on !== '1';
    button.dataset.on = show ? '1' : '0';
    button.closest('form').querySelectorAll('input').forEach((field) => {
      if (field.type === 'password' && show) { field.dataset.was = '1'; field.type = 'text'; }
      else if (field.dataset.was && !show) field.type = 'password';
    });
  };
  // A button that wakes once every line of its form holds something.
  window.wake = (field) => {
    const lines = [...field.form.querySelectorAll('input')].filter((one) => one.offsetParent && one.type !== 'checkbox');
    const button = field.form.querySelector('.button.first');
    if (button) button.disabled = lines.some((one) => !one.value);
  };
  window.turn = (from, to) => {
    document.getElementById(from).hidden = true;
    document.getElementById(to).hidden = false;
    return false;
  };
  window.tab = (button) => {
    const index = [...button.parentNode.children].indexOf(button);
    [...button.parentNode.nextElementSibling.children].forEach((panel, at) => { panel.hidden = at !== index; });
  };
  window.fold = (button) => {
    const list = button.nextElementSibling;
    list.hidden = !list.hidden;
    button.setAttribute('aria-expanded', String(!list.hidden));
  };
  window.consent = (button) => {
    document.cookie = 'consent=1; path=/; max-age=31536000';
    button.closest('section').remove();
  };

  // No navigation: `fetch` or a WebSocket brings the next content.
  let socket;
  const waiting = new Map();
  const open = () => new Promise((resolve, reject) => {
    if (socket && socket.readyState === 1) { resolve(socket); return; }
    socket = new WebSocket(`ws://${location.host}/live`);
    socket.onopen = () => resolve(socket);
    socket.onmessage = (event) => {
      const answer = JSON.parse(event.data);
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
    };
    socket.onclose = () => {
      reject(new Error('closed'));
      waiting.forEach((one) => one.reject(new Error('closed')));
      waiting.clear();
    };
  });
  let count = 0;
  const request = async (method, path, body) => {
    if (P.mode === 'fetch') {
      const answer = await fetch(path, { method, body, headers: { 'X-Part': '1' } });
      return answer.json();
    }
    const to = await open();
    count += 1;
    const id = count;
    const answer = new Promise((resolve, reject) => { waiting.set(id, { resolve, reject }); });
    to.send(JSON.stringify({ id, method, path, body: body ? body.toString() : '' }));
    return answer;
  };
  const show = async (method, path, body) => {
    let answer;
    try {
      answer = await request(method, path, body);
    } catch {
      const main = document.querySelector('main') || app();
      main.insertAdjacentHTML('afterbegin', '<p role="alert">⚠ …</p>');
      return;
    }
    if (answer.away) { location.href = answer.away; return; }
    app().setHTMLUnsafe(answer.html);
    // One socket was opened before the banner was answered, and the server still shows it there.
    if (document.cookie.includes('consent=1')) document.querySelectorAll('section:not([data-later])').forEach((one) => one.remove());
    document.title = answer.title;
    P.page = answer.page;
    P.noise = answer.noise;
    if (P.follow) history.pushState(null, '', answer.path);
    scrollTo(0, 0);
    arrived();
  };
  window.sub = (event) => {
    event.preventDefault();
    const form = event.target;
    const method = form.getAttribute('method').toUpperCase();
    const to = new URL(form.getAttribute('action'), location.href);
    const body = new URLSearchParams(new FormData(form, event.submitter));
    if (to.origin !== location.origin) { HTMLFormElement.prototype.submit.call(form); return false; }
    if (method === 'GET') show('GET', `${to.pathname}?${body}`);
    else show('POST', to.pathname + to.search, body);
    return false;
  };
  window.nav = (event, link) => {
    event.preventDefault();
    show('GET', link.getAttribute('href'));
    return false;
  };
  const go = (path) => { if (P.mode === 'pages') location.href = path; else show('GET', path); };
  addEventListener('popstate', () => { if (P.mode !== 'pages') show('GET', location.pathname + location.search); });

  // The sign-in in a frame is done.
  addEventListener('message', (event) => {
    if (event.origin === P.frame && event.data && event.data.next) go(event.data.next);
  });

  // The feed has no end.
  const watch = () => {
    document.querySelectorAll('a[data-more]').forEach((link) => {
      new IntersectionObserver(async (seen, observer) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        observer.disconnect();
        const piece = await fetch(link.getAttribute('href'), { headers: { 'X-Piece': '1' } });
        link.insertAdjacentHTML('afterend', await piece.text());
        link.remove();
        watch();
      }, { rootMargin: '400px' }).observe(link);
    });
  };

  const hoard = [];
  const noise = (n) => {
    const pop = () => { for (let i = 0; i < n.pop_ups; i += 1) open_window(i); };
    const open_window = (i) => window.open(`/pop-up?n=${i}`, '_blank');
    if (n.pop_ups) { pop(); document.addEventListener('click', (event) => { if (event.isTrusted) pop(); }); }
    if (n.reload_ms) setTimeout(() => location.reload(), n.reload_ms);
    if (n.restless) {
      fetch('/endless').catch(() => {});
      setInterval(() => { document.body.dataset.tick = performance.now().toFixed(3); app().append(document.createComment('')); }, 20);
    }
    if (n.moving) {
      const all = [...Array(12).keys()].map((i) => {
        const one = document.createElement('i');
        one.style.cssText = `position:fixed;left:0;top:0;width:220px;height:140px;z-index:4;pointer-events:none;opacity:.8;background:hsl(${i * 30} 60% 50%)`;
        document.body.append(one);
        return one;
      });
      const move = (now) => {
        all.forEach((one, i) => {
          const along = now / 900 + i * 0.52;
          one.style.transform = `translate(${(0.5 + 0.5 * Math.sin(along)) * (innerWidth - 220)}px, ${(0.5 + 0.5 * Math.cos(along * 1.3)) * (innerHeight - 140)}px)`;
        });
        requestAnimationFrame(move);
      };
      requestAnimationFrame(move);
    }
    if (n.download) {
      const link = Object.assign(document.createElement('a'), { href: '/files/report.zip', download: 'report.zip' });
      document.body.append(link);
      link.click();
      link.remove();
    }
    if (n.memory_mib) {
      const timer = setInterval(() => {
        if (hoard.length * 16 >= n.memory_mib) { clearInterval(timer); return; }
        hoard.push(new Uint8Array(16 << 20).fill(1));
      }, 20);
    }
    if (n.busy_ms) {
      setInterval(() => { const end = performance.now() + n.busy_ms; while (performance.now() < end); }, 1000);
    }
    if (n.before_unload) addEventListener('beforeunload', (event) => event.preventDefault());
    if (n.newsletter_box && !document.cookie.includes('later=1')) {
      setTimeout(() => document.querySelectorAll('section[data-later]').forEach((box) => { box.hidden = false; }), 500);
    }
    if (n.print) setTimeout(() => print(), 0);
    if (n.alert) setTimeout(() => alert(n.alert), 0);
  };
  window.later = (button) => {
    document.cookie = 'later=1; path=/; max-age=31536000';
    button.closest('section').remove();
  };

  const arrived = () => {
    watch();
    const done = document.querySelector('[data-next]');
    if (done && parent !== window) parent.postMessage({ next: done.dataset.next }, P.site);
    noise(P.noise || {});
  };
  if (P.mode !== 'pages') show('GET', location.pathname + location.search); else arrived();
})();
