import { SECTIONS } from "../sections";

/** A page that one can go to. */
export interface Place {
  label: string;
  /** Where it is in the menus: "Settings › My account". */
  about: string;
  href: string;
}

/** The pages that hold each word of a text, those that begin with it first; all of them where there is none. */
export function placesFor(text: string, may: (what: string) => boolean): Place[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const rank = ({ label }: Place) => (label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return allPlaces(may)
    .filter(({ label, about }) => words.every((word) => `${about} ${label}`.toLowerCase().includes(word)))
    .sort((one, other) => rank(one) - rank(other));
}

function allPlaces(may: (what: string) => boolean): Place[] {
  const open = <T extends { needs?: string }>(each: T) => !each.needs || may(each.needs);
  const places = SECTIONS.filter(open).flatMap((section) =>
    section.groups.flatMap((group) =>
      group.entries.filter(open).map(({ label, href }) => ({
        label,
        about: section.name === group.label ? section.name : `${section.name} › ${group.label}`,
        href,
      })),
    ),
  );
  if (may("credentials.create"))
    places.push({ label: "New credential", about: "PAM Core › Credentials", href: "#/credentials/new" });
  return places;
}
