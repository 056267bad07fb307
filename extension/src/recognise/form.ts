// What belongs together in a document: a form, or a block that acts as one, with the words around it. The rules are those of
// `crates/recipe/src/recognise/form.rs`, as far as they matter for filling in.
import { DescribedField } from "./field.ts";
import { isLine, type Button, type Field, type Frame, type Text } from "./snapshot.ts";
import { any, attributeMeaning, both, leadsElsewhere, meaning, NOTHING, type Concept, type Meaning } from "./words.ts";

/** What is said around a form. */
export class Around {
  /** Headings of it, or the one it stands under, and the dialog's name. */
  title: Meaning = NOTHING;
  /** The buttons that could send it. */
  button: Meaning = NOTHING;
  text: Meaning = NOTHING;
  /** Where it is sent, its name and class. */
  attributes: Meaning = NOTHING;
  links: Meaning = NOTHING;
  /** The links of the page outside of any form. */
  beside: Meaning = NOTHING;
  /** The page's address and title. */
  page: Meaning = NOTHING;

  /** How strongly a concept is in the air. */
  weight(concept: Concept): number {
    const one = (says: Meaning, weight: number) => (says.has(concept) ? weight : 0);
    return this.loudWeight(concept) + one(this.text, 0.7) + one(this.attributes, 0.7) + one(this.page, 0.4);
  }

  /** How strongly the form itself says it, apart from the texts around. */
  ownWeight(concept: Concept): number {
    return this.loudWeight(concept) + (this.attributes.has(concept) ? 0.7 : 0);
  }

  /** Whether the form helps who forgot the password: 1 in it, less beside it. */
  get helpsWhoForgot(): number {
    if (this.links.has("Forgot") || this.button.has("Forgot")) return 1;
    return this.beside.has("Forgot") ? 0.5 : 0;
  }

  /** How strongly headings and buttons say it. */
  loudWeight(concept: Concept): number {
    return (this.title.has(concept) ? 1.5 : 0) + (this.button.has(concept) ? 1.5 : 0);
  }
}

export interface DescribedForm {
  readonly frame: Frame;
  readonly index: number | undefined;
  readonly dialog: number | undefined;
  /** Lines that can be typed into, in reading order. */
  readonly lines: DescribedField[];
  readonly boxes: DescribedField[];
  /** Lists, texts of several lines and the like. */
  others: number;
  readonly buttons: Button[];
  readonly images: NonNullable<Frame["images"]>;
  readonly hidden: Field[];
  readonly fixed: Field[];
  around: Around;
}

const isHeading = (text: Text): boolean => typeof text.role === "object";

/** The groups of a document that have lines to fill. */
export function formsOf(frame: Frame): DescribedForm[] {
  const { fields = [], buttons = [], texts = [], images = [] } = frame;
  const others = new Set([
    ...texts.filter(isHeading).map((text) => text.text),
    ...fields.map((one) => one.words.label ?? ""),
  ]);
  const groups = new Map<string, DescribedForm>();
  const groupOf = ({ form, dialog }: { form?: number | undefined; dialog?: number | undefined }) => {
    const key = `${form} ${dialog}`;
    const found = groups.get(key) ?? {
      ...{ frame, index: form, dialog, others: 0, around: new Around() },
      ...{ lines: [], boxes: [], buttons: [], images: [], hidden: [], fixed: [] },
    };
    groups.set(key, found);
    return found;
  };
  for (const field of fields) {
    const form = groupOf(field);
    if (field.hidden) form.hidden.push(field);
    else if (field.disabled || (field.read_only && (field.filled || !isLine(field)))) form.fixed.push(field);
    else if (isLine(field)) form.lines.push(new DescribedField(field, others));
    else if (field.kind === "checkbox" || field.kind === "radio") form.boxes.push(new DescribedField(field, others));
    else form.others += 1;
  }
  for (const button of buttons) {
    const exact = groups.get(`${button.form} ${button.dialog}`);
    const all = [...groups.values()];
    const same = all.find((form) => form.index !== undefined && form.index === button.form);
    const inDialog = all.filter((form) => form.dialog === button.dialog && form.lines.length > 0);
    const only = button.form === undefined && button.dialog !== undefined && inDialog.length === 1;
    (exact ?? same ?? (only ? inDialog[0] : undefined))?.buttons.push(button);
  }
  for (const image of images) groups.get(`${image.form} ${image.dialog}`)?.images.push(image);
  const page = both(attributeMeaning(pathOf(frame.address)), meaning(frame.title ?? ""));
  for (const form of groups.values()) {
    form.around = aroundOf(form, page);
    markForeign(form);
  }
  return [...groups.values()];
}

/** The path of an address, without what may be secret. */
export function pathOf(address: string): string {
  const rest = address.slice(address.includes("://") ? address.indexOf("://") + 3 : 0);
  return rest.includes("/") ? (rest.slice(rest.indexOf("/")).split("?")[0] ?? "") : "";
}

/** Marks the lines that belong to another service. */
function markForeign(form: DescribedForm): void {
  const { around } = form;
  const section =
    around.title.has("Foreign") ||
    around.attributes.has("Foreign") ||
    (around.page.has("Foreign") && !any(around.title, "SignIn", "Reauth", "Password"));
  let before = 0;
  for (const line of form.lines) {
    const { order } = line.field;
    const labels = form.buttons.filter((button) => button.order >= before && button.order < order);
    const labelled = labels.some((button) => meaning(button.name).has("Foreign"));
    before = order;
    line.foreign = around.button.has("SignIn")
      ? (line.said.has("Foreign") || labelled) && !any(line.said, "Password", "Username")
      : line.foreign || labelled || section;
  }
}

function aroundOf(form: DescribedForm, page: Meaning): Around {
  const { texts = [], links = [], dialogs = [], forms = [], fields = [] } = form.frame;
  const orders = [...form.lines, ...form.boxes].map((line) => line.field.order);
  orders.push(...form.buttons.map((button) => button.order));
  const [first, last] = [Math.min(Infinity, ...orders), Math.max(0, ...orders)];
  const around = new Around();
  around.page = page;
  const ours = texts.filter((text) => text.form !== undefined && text.form === form.index);
  const layer = texts.filter((text) => text.dialog === form.dialog);
  const said: Text[] = [...ours];
  const titles = ours.filter(isHeading);
  const heading = layer.findLast((text) => isHeading(text) && text.order < first);
  if (heading) {
    const between = (order: number) => order > heading.order && order < first;
    const alone = !fields.some((one) => !one.hidden && one.form !== form.index && between(one.order));
    if (titles.length === 0 || alone) titles.push(heading);
    if (alone) said.push(...layer.filter((text) => between(text.order)));
  } else {
    said.push(...layer.filter((text) => text.order < first).slice(-4));
  }
  for (const text of layer.filter((one) => one.order > last && one.order < last + 4)) {
    if (isHeading(text)) break;
    if (text.form === undefined || text.form === form.index) said.push(text);
  }
  const dialog = form.dialog === undefined ? undefined : dialogs[form.dialog];
  around.title = both(...titles.map((text) => meaning(text.text)), meaning(dialog?.name ?? ""));
  around.text = both(...said.map((text) => meaning(text.text)));
  const sends = form.buttons.filter((button) => button.kind !== "widget" && button.kind !== "reset" && !button.opens);
  around.button = both(...sends.map((button) => meaning(button.name)).filter((says) => !leadsElsewhere(says)));
  const named = (list: typeof links) => both(...list.map((link) => meaning(link.name)));
  around.links = named(links.filter((link) => link.form !== undefined && link.form === form.index));
  around.beside = named(links.filter((link) => link.form === undefined && link.dialog === form.dialog));
  const described = form.index === undefined ? undefined : forms[form.index];
  around.attributes = both(attributeMeaning(described?.action_path ?? ""), attributeMeaning(described?.hints ?? ""));
  return around;
}
