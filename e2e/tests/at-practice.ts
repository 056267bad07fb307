// Tests at the practice site: one for each worker, with accounts and the credentials that belong to them.
import { fresh, test as base } from "./fixtures.ts";
import { Practice } from "./practice.ts";

/** The password of each account at the start. */
export const FIRST = "first-Harbour-7";

export interface Account {
  id: string;
  name: string;
  user: string;
}

export const test = base.extend<{ account: (name: string, seed?: string) => Promise<Account> }, { practice: Practice }>(
  {
    practice: [
      async ({}, use) => {
        const practice = await Practice.start();
        await use(practice);
        await practice.stop();
      },
      { scope: "worker" },
    ],
    /** An account at the practice site, and the credential that belongs to it. */
    account: async ({ server, admin, practice }, use) => {
      await use(async (name, seed) => {
        const known = fresh(name);
        const user = known.toLowerCase().replaceAll(" ", "-") + `-${process.pid}`;
        await practice.account(user, FIRST, seed);
        const { id } = await server.credential(admin, {
          name: known,
          username: user,
          password: FIRST,
          site: { url: practice.site },
          ...(seed ? { totp: { secret: seed } } : {}),
        });
        return { id, name: known, user };
      });
    },
  },
);
