import { fitted } from "./seed";

/** A picture as base64, made smaller first when it is a large photograph. The server reads the QR code. */
export async function imageData(image: Blob): Promise<string> {
  return base64(image.size > 1_000_000 && image.type.startsWith("image/") ? await smaller(image) : image);
}

/** Any file as base64. */
export function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ""));
    reader.readAsDataURL(blob);
  });
}

/** One frame of a camera or of a shared screen. */
export function frameOf(video: HTMLVideoElement): Promise<Blob> {
  return drawn(video, video.videoWidth, video.videoHeight);
}

/** The first picture in what was dropped or pasted. */
export function imageIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

async function smaller(image: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(image).catch(() => null);
  // Not a picture this browser knows: the server may say what is wrong with it.
  if (!bitmap) return image;
  try {
    // JPEG has no transparency and would put black behind a code that is black itself.
    const type = image.type === "image/jpeg" ? "image/jpeg" : "image/webp";
    return await drawn(bitmap, bitmap.width, bitmap.height, type);
  } finally {
    bitmap.close();
  }
}

function drawn(source: CanvasImageSource, fullWidth: number, fullHeight: number, type = "image/jpeg"): Promise<Blob> {
  const { width, height } = fitted(fullWidth, fullHeight);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(source, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), type, 0.92);
  });
}
