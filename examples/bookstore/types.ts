/** The messages of bookstore.proto as proto-loader hands them over: names as written, int64 as text, enums by name, unset messages null. */

export interface Timestamp {
  readonly seconds: string;
  readonly nanos: number;
}

export interface Duration {
  readonly seconds: string;
  readonly nanos: number;
}

interface Wrapped<T> {
  readonly value: T;
}

/** An enum value that the service does not know stays a number. */
type EnumValue = string | number;

export interface HttpBody {
  readonly content_type: string;
  readonly data: Uint8Array;
}

export interface Shelf {
  readonly name: string;
  readonly theme: string;
  readonly book_count: number;
  readonly create_time: Timestamp | null;
}

interface Author {
  readonly given_name: string;
  readonly family_name: string;
  readonly birth_year?: number;
}

interface Print {
  readonly binding: string;
  readonly weight_kg: number;
}

interface Ebook {
  readonly size_bytes: string;
  readonly file_format: string;
}

export interface Book {
  readonly name: string;
  readonly title: string;
  readonly subtitle: Wrapped<string> | null;
  readonly authors: readonly Author[];
  readonly isbn: string;
  readonly genre: EnumValue;
  readonly state: EnumValue;
  readonly page_count?: number;
  readonly publish_time: Timestamp | null;
  readonly reading_time: Duration | null;
  readonly copies_sold: string;
  readonly rating: Wrapped<number> | null;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly chapters: Readonly<Record<string, string>>;
  readonly print?: Print;
  readonly ebook?: Ebook;
  readonly checksum: Uint8Array;
  readonly revision: string;
  readonly create_time: Timestamp | null;
  readonly update_time: Timestamp | null;
}

export interface Review {
  readonly reviewer: string;
  readonly stars: number;
  readonly text: string;
  readonly create_time: Timestamp | null;
}

export interface BookFilter {
  readonly genres: readonly EnumValue[];
  readonly author: string;
  readonly published_after: Timestamp | null;
  readonly min_rating: Wrapped<number> | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: EnumValue;
}

export interface BookOrder {
  readonly field: EnumValue;
  readonly descending: boolean;
}

export interface ListBooksRequest {
  readonly parent: string;
  readonly page: { readonly size: number; readonly token: string } | null;
  readonly filter: BookFilter | null;
  readonly order: BookOrder | null;
}

export interface ListBooksResponse {
  readonly books: readonly Book[];
  readonly next_page_token: string;
  readonly total_size: number;
}

export interface ChatMessage {
  readonly parent: string;
  readonly sender: string;
  readonly text: string;
  readonly sequence: number;
  readonly books: readonly string[];
}

export interface ImportFailure {
  readonly index: number;
  readonly code: number;
  readonly message: string;
}

/** Exactly one of the changes is set. */
export interface ShelfEvent {
  readonly sequence: string;
  readonly event_time: Timestamp;
  readonly opened?: Shelf;
  readonly created?: Book;
  readonly updated?: Book;
  readonly deleted?: string;
}

export interface FileInfo {
  readonly name: string;
  readonly content_type: string;
  readonly size_bytes: string;
  readonly sha256: Uint8Array;
}
