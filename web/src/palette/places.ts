import { SECTIONS } from "../sections";
import { t } from "../language";

/** A page that one can go to. */
export interface Place {
  label: string;
  /** Where it is in the menus: "Settings › My account". */
  about: string;
  href: string;
}

/** The pages that hold each word of a text, those that begin with it first; all of them where there is none. */
export function placesFor(text: string, may: (what: string) => boolean): Place[] {
  const wanted = plain(text.trim());
  const words = wanted.split(/\s+/);
  const rank = ({ label }: Place) => (plain(label).startsWith(wanted) ? 0 : 1);
  return allPlaces(may)
    .filter(({ label, about }) => words.every((word) => plain(`${about} ${label}`).includes(word)))
    .sort((one, other) => rank(one) - rank(other));
}

/** "Sessões" is found by "sessoes" too. */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

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
  places.push({ label: t("Help"), about: t("Handbook"), href: "#/help" });
  if (may("credentials.create"))
    places.push({ label: t("New credential"), about: t("PAM Core › Credentials"), href: "#/credentials/new" });
  return places;
}
