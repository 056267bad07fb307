import * as api from "../api/first";
import { onSignedOut } from "../api/http";
import { adopt } from "./adopting";
import type { Me, Status } from "../api/types";

/** Who is signed in. `expired`: someone was, and the server has forgotten it since. */
class Session {
  status = $state<Status | null>(null);
  me = $state<Me | null>(null);
  expired = $state(false);
  ready = $state(false);
  problem = $state<unknown>(null);
  /** Goes up with each sign-in, so that what failed in between is read again. */
  epoch = $state(0);

  async load(): Promise<void> {
    this.problem = null;
    try {
      const [status, me] = await Promise.all([api.status(), api.me().catch(nobody)]);
      if (me && adopt(me.preferences)) return location.reload();
      this.status = status;
      this.me = me;
      this.ready = true;
    } catch (error) {
      this.problem = error;
    }
  }

  signedIn(me: Me): void {
    // Whoever signs in again below what they have typed keeps it.
    if (this.me === null && adopt(me.preferences)) return location.reload();
    this.me = me;
    this.expired = false;
    this.epoch++;
    if (this.status) this.status.setup_needed = false;
  }

  async reload(): Promise<void> {
    this.me = await api.me();
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.me = null;
    this.expired = false;
    location.hash = "#/";
  }

  /** Whether there may be credentials that this person can use: auditors look on. */
  get uses(): boolean {
    return this.me !== null && this.me.user.role !== "auditor";
  }

  may(what: string): boolean {
    return this.me?.may.includes(what) ?? false;
  }
}

export const session = new Session();

onSignedOut.call = () => {
  if (session.me) session.expired = true;
};

function nobody(error: unknown): null {
  if ((error as { status?: number }).status === 401) return null;
  throw error;
}
