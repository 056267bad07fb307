// Keeps passwords that were typed here out of addresses, which histories and logs keep and other sites are told of. A form without
// a method is sent with GET as soon as the script that was to send it is late, so neither its method nor its script is gone by:
// only what is about to happen.
const passwords = new Set();
let keptBack = false;

function keepFromAddresses(line) {
  passwords.add(line);
  // Nobody outside a shadow tree hears of what is sent in it.
  const root = line.getRootNode();
  (root === document ? globalThis : root).addEventListener('submit', sendingBegins, true);
  globalThis.navigation?.addEventListener('navigate', leaving);
}

const heldPasswords = () => [...passwords].filter((line) => line.isConnected && valueIn(line));

// Whoever wants to send the form otherwise has had their turn when this hears of it last.
function sendingBegins({ currentTarget: around }) {
  around.removeEventListener('submit', sending);
  around.addEventListener('submit', sending);
}

function sending(event) {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  const by = event.submitter;
  const [method, action] = ['method', 'action'].map((name) => (by && has(by, `form${name}`) ? attr(by, `form${name}`) : attr(form, name)));
  if (/^(post|dialog)$/i.test(method) || /^\s*javascript:/i.test(action)) return;
  // Only what has a name is sent. Forms may take a copy of what was typed into a line with dots.
  const sent = (el) => el.form === form && attr(el, 'name') && !el.matches(':disabled') && valueIn(el);
  const lines = [...Node.prototype.getRootNode.call(form).querySelectorAll('input, textarea')].filter(sent);
  const held = heldPasswords().map(valueIn);
  if (lines.some((el) => passwords.has(el) || held.includes(el.value))) keepBack(event);
}

// Whatever makes the page go there. What is short may stand in an address by chance.
const LEAST_IN_ADDRESS = 8;
function leaving(event) {
  if (!event.cancelable || event.defaultPrevented) return;
  let parts;
  try {
    const address = new URL(event.destination.url);
    parts = [...address.searchParams.values(), ...new URLSearchParams(address.hash.slice(1)).values()];
  } catch { return; }
  const held = heldPasswords().map(valueIn).filter((value) => value.length >= LEAST_IN_ADDRESS);
  if (parts.some((part) => held.includes(part))) keepBack(event);
}

function keepBack(event) {
  event.preventDefault();
  keptBack = true;
  changed([]);
}
