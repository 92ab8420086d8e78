import { bankAccount, IDENTITIES, residentId } from './identities.js';
import type { County } from './places.js';
import { mixed } from './random.js';

export interface Person {
  readonly name: string;
  readonly residentId: string;
  readonly account: string;
}

/** Surnames of the region, so that a name half heard can be looked for; 例 (example) marks every name as made up. */
const SURNAMES = Array.from('韦蒙覃蓝黄农陆罗潘梁莫岑卢谭石班兰陈李杨');
const MARK = '例';
const STEMS = Array.from('甲乙丙丁戊己庚辛壬癸');
const BRANCHES = Array.from('子丑寅卯辰巳午未申酉戌亥');

/** Every name the generator gives to a person, and no other. */
export const MADE_UP_NAME = new RegExp(
  `^[${SURNAMES.join('')}]${MARK}[${STEMS.join('')}][${BRANCHES.join('')}]$`,
);

/** Room for the people of one village; a plan of ten million payments comes nowhere near. */
const PEOPLE_PER_VILLAGE = 20_000;

/**
 * The `number`-th person of a village: always the same one, whichever payment asks. Nothing is kept, so a plan of any
 * size knows its people.
 */
export function personOf(county: County, village: number, number: number): Person {
  if (number >= PEOPLE_PER_VILLAGE) throw new Error(`village ${village} has no person ${number}`);
  const index = village * PEOPLE_PER_VILLAGE + number;
  if (index >= IDENTITIES) throw new Error(`${county.id} has no room for person ${index}`);
  const drawn = mixed(index, (county.id.charCodeAt(5) << 8) ^ Number(county.id));
  const surname = SURNAMES[drawn % SURNAMES.length] as string;
  const stem = STEMS[(drawn >>> 8) % STEMS.length] as string;
  const branch = BRANCHES[(drawn >>> 16) % BRANCHES.length] as string;
  return {
    name: `${surname}${MARK}${stem}${branch}`,
    residentId: residentId(county.id, index),
    account: bankAccount(county.id, index),
  };
}
