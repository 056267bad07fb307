// What a style does to what is drawn in it, as browsers write styles.
import { expect, it } from "vitest";
import { alphaOf, hasGround, hasThickLines, isUnreadable, reachesOf, veilOf, type Style } from "../src/page/veil.ts";

const plain = { opacity: "1", filter: "none", maskImage: "none", mixBlendMode: "normal", box: "none" };
const style = ({ box, ...rest }: typeof plain): Style => ({ ...rest, getPropertyValue: () => box });

it.each<[string, Partial<typeof plain>[], string | undefined]>([
  ["nothing", [{}], undefined],
  ["paleness", [{ opacity: "0.4" }], "it is transparent"],
  ["paleness that adds up", [{ opacity: "0.7" }, {}, { opacity: "0.7" }], "it is transparent"],
  ["a filter that does it", [{ filter: "opacity(0.7)" }, { opacity: "0.7" }], "it is transparent"],
  ["percent", [{ filter: "opacity(30%)" }], "it is transparent"],
  ["no number at all", [{ opacity: "x" }], "it is transparent"],
  ["darkness", [{ filter: "brightness(0.6)" }, { filter: "brightness(0.6)" }], "an effect of the page may hide it"],
  ["glare", [{ filter: "brightness(100)" }], "an effect of the page may hide it"],
  ["one grey", [{ filter: "invert(0.5)" }], "an effect of the page may hide it"],
  ["blur", [{ filter: "drop-shadow(rgb(0, 0, 0) 0px 1px 1px) blur(30px)" }], "an effect of the page may hide it"],
  ["what cannot be told", [{ filter: 'url("#f")' }], "an effect of the page may hide it"],
  ["a mask", [{ maskImage: "linear-gradient(rgba(0, 0, 0, 0), rgb(0, 0, 0))" }], "an effect of the page may hide it"],
  ["a mask of old", [{ box: 'url("x.png")' }], "an effect of the page may hide it"],
  ["layers without a mask", [{ maskImage: "none, none" }], undefined],
  ["a blend", [{ mixBlendMode: "multiply" }], "an effect of the page may hide it"],
  ["a dark page", [{ filter: "invert(1) hue-rotate(180deg)" }], undefined],
  ["a shade", [{ filter: "drop-shadow(rgba(0, 0, 0, 0.4) 0px 2px 4px) blur(0px)" }], undefined],
])("says why nobody sees %s", (_, styles, why) => {
  expect(veilOf(styles.map((one) => style({ ...plain, ...one })))).toBe(why);
});

it.each([
  ["rgb(1, 2, 3)", 1],
  ["rgba(1, 2, 3, 0.25)", 0.25],
  ["transparent", 0],
  ["oklch(0.5 0.1 20 / 50%)", 0.5],
  ["color(srgb 1 0 0 / 0.1)", 0.1],
  ["color(srgb 1 0 0)", 1],
])("reads how opaque %s is", (colour, alpha) => expect(alphaOf(colour)).toBe(alpha));

it.each([
  ["0px 0px 0px", []],
  ["rgb(0, 0, 0) 0px 2px 8px 0px", []],
  ["rgb(0, 0, 0) 0px 0px 0px 9999px", [{ x: 0, y: 0, grown: 9999 }]],
  ["rgb(0, 0, 0) 0px 1px 2px 0px, rgb(255, 255, 255) -500px 0px 0px 0px", [{ x: -500, y: 0, grown: 0 }]],
  ["rgba(0, 0, 0, 0.05) 0px 0px 0px 9999px", []],
  ["rgb(0, 0, 0) 0px 0px 0px 9999px inset", []],
])("tells far shadows from shades: %s", (boxShadow, reaches) => {
  const none = { textShadow: "none", filter: "none", outlineStyle: "none", outlineWidth: "3px", outlineOffset: "0px" };
  expect(reachesOf({ ...none, boxShadow })).toEqual(reaches);
});

it("knows outlines, thick lines within, grounds, and letters that nobody reads", () => {
  const outlined = { outlineStyle: "solid", outlineWidth: "500px", outlineOffset: "0px" };
  const none = { boxShadow: "none", textShadow: "none", filter: "none" };
  expect(reachesOf({ ...none, ...outlined })).toHaveLength(1);
  expect(hasThickLines({ boxShadow: "rgb(0, 0, 0) 0px 0px 0px 90px inset", ...outlined })).toBe(true);
  expect(hasThickLines({ boxShadow: "rgb(0, 0, 0) 0px 0px 0px 1px inset", ...outlined })).toBe(false);
  expect(hasThickLines({ boxShadow: "none", ...outlined, outlineOffset: "-500px" })).toBe(true);
  const clear = { backgroundColor: "rgba(0, 0, 0, 0)", backgroundImage: "none", backdropFilter: "none" };
  expect([clear, { ...clear, backgroundColor: "rgb(255, 255, 255)" }].map(hasGround)).toEqual([false, true]);
  expect(hasGround({ ...clear, backdropFilter: "blur(9px)" })).toBe(true);
  const text = { color: "rgb(0, 0, 0)", webkitTextFillColor: "rgb(0, 0, 0)", fontSize: "14px" };
  expect([text, { ...text, fontSize: "1px" }, { ...text, color: "transparent" }].map(isUnreadable)).toEqual([
    false,
    true,
    true,
  ]);
});
