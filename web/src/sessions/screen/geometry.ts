// Where things are: on this person's screen, and on the driven page. Pure.

export interface Size {
  width: number;
  height: number;
}
export interface Point {
  x: number;
  y: number;
}

/** The largest size of `page`'s shape that fits into `room`, never larger than it is. */
export function fitted(page: Size, room: Size): Size {
  if (page.width <= 0 || page.height <= 0) return { width: 0, height: 0 };
  const scale = Math.min(1, room.width / page.width, room.height / page.height);
  return { width: Math.max(1, Math.round(page.width * scale)), height: Math.max(1, Math.round(page.height * scale)) };
}

/** A point of the screen on the page, within it even when the pointer is a little beside the picture. */
export function toPage(at: Point, picture: { left: number; top: number } & Size, page: Size): Point {
  const one = (offset: number, shown: number, whole: number) =>
    shown <= 0 ? 0 : Math.min(whole - 1, Math.max(0, Math.round((offset / shown) * whole * 10) / 10));
  return {
    x: one(at.x - picture.left, picture.width, page.width),
    y: one(at.y - picture.top, picture.height, page.height),
  };
}

/** A box of the page on the picture, CSS pixels from the picture's corner. */
export function toPicture(
  [x, y, width, height]: readonly [number, number, number, number],
  picture: Size,
  page: Size,
): { left: number; top: number } & Size {
  const across = page.width > 0 ? picture.width / page.width : 0;
  const down = page.height > 0 ? picture.height / page.height : 0;
  return { left: x * across, top: y * down, width: width * across, height: height * down };
}

/** The size the driven page is asked to have in this room. Density between 1 and 2, in steps that survive a zoom. */
export function wanted(room: Size, density: number): { w: number; h: number; dpr: number } {
  const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
  return {
    w: within(Math.floor(room.width), 320, 2560),
    h: within(Math.floor(room.height), 240, 1600),
    dpr: within(Math.round(density * 4) / 4, 1, 2),
  };
}
