// The parts of a snapshot that the decision looks at: the shape that the script beside a document gives (`look.js`), as the server's
// recogniser reads it.

export type FieldKind =
  | "text"
  | "email"
  | "tel"
  | "number"
  | "password"
  | "search"
  | "url"
  | "checkbox"
  | "radio"
  | "select"
  | "text_area"
  | "editable"
  | "other";

export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Where a part stands; all of them are left out where they say nothing. */
interface Shown {
  order: number;
  form?: number | undefined;
  dialog?: number | undefined;
  region?: string | undefined;
  place: Place;
}

export interface Words {
  label?: string;
  aria?: string;
  placeholder?: string;
  title?: string;
  html_name?: string;
  html_id?: string;
  hints?: string;
  description?: string;
  nearby?: string;
}

export interface Field extends Shown {
  node: number;
  kind: FieldKind;
  words: Words;
  autocomplete?: string;
  input_mode?: string;
  pattern?: string;
  max_length?: number | undefined;
  min_length?: number | undefined;
  read_only?: boolean;
  disabled?: boolean;
  filled?: boolean;
  secret?: boolean;
  masked?: boolean | undefined;
  drawn_boxes?: number | undefined;
  hidden?: string | undefined;
  covered?: boolean;
}

export interface Button extends Shown {
  node: number;
  name: string;
  kind: "submit" | "reset" | "plain" | "widget";
  hints?: string;
  opens?: boolean;
}

export interface Link extends Shown {
  name: string;
  address: string;
}

export interface Text extends Shown {
  text: string;
  role?: "alert" | "status" | { heading: number } | undefined;
}

export interface Frame {
  id?: string;
  address: string;
  title?: string;
  forms?: { real?: boolean; action_origin?: string; action_path?: string; hints?: string }[];
  dialogs?: { name: string }[];
  fields?: Field[];
  buttons?: Button[];
  links?: Link[];
  texts?: Text[];
  images?: (Shown & { name?: string })[];
}

const LINES: readonly FieldKind[] = ["text", "email", "tel", "number", "password", "url"];

/** A line of characters that can be typed. */
export const isLine = (field: Field): boolean => LINES.includes(field.kind);
