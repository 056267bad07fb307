import type { Catalogue } from "..";

const parts = import.meta.glob<Catalogue>("./*.json", { eager: true, import: "default" });

/** The texts of all places of the page, a file each. */
export default Object.assign({}, ...Object.values(parts)) as Catalogue;
