/**
 * A list whose members carry the links, for what calls pass through: adding and removing allocates nothing, and one that has left points
 * at nobody. (A Set or Map that is filled and emptied all the time is a leak until the next full collection; see http2/stream-table.ts.)
 */

/** A member of one list at most. */
export interface Linked<Node extends Linked<Node>> {
  list: LinkedList<Node> | null;
  listNext: Node | null;
  listPrevious: Node | null;
}

export class LinkedList<Node extends Linked<Node>> {
  #first: Node | null = null;
  #last: Node | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who has been in it longest. */
  get first(): Node | null {
    return this.#first;
  }

  /** Adds `node`, which is in no list, at the end; one that is in this one keeps its place. */
  add(node: Node): void {
    if (node.list === this) return;
    const last = this.#last;
    node.list = this;
    node.listPrevious = last;
    if (last === null) this.#first = node;
    else last.listNext = node;
    this.#last = node;
    this.#size++;
  }

  /** One that is not in this list stays where it is. */
  delete(node: Node): void {
    if (node.list !== this) return;
    const { listPrevious, listNext } = node;
    if (listPrevious === null) this.#first = listNext;
    else listPrevious.listNext = listNext;
    if (listNext === null) this.#last = listPrevious;
    else listNext.listPrevious = listPrevious;
    node.list = null;
    node.listNext = null;
    node.listPrevious = null;
    this.#size--;
  }

  /** A copy in their order, since whoever walks over it may end its members. */
  all(): Node[] {
    const nodes: Node[] = [];
    for (let node = this.#first; node !== null; node = node.listNext) nodes.push(node);
    return nodes;
  }
}
