package dev.tributary.nats;

import dev.tributary.nats.client.Reader;
import dev.tributary.stream.StartAt;
import org.jspecify.annotations.Nullable;

/** Where a source is in one partition. Belongs to its turns. */
final class Cursor {
  final int partition;
  /** Whether it came with the first assignment. */
  final boolean first;
  /** Where to begin; null once that is known as an offset. */
  @Nullable StartAt start;
  /** The offset to deliver next. */
  long position;
  /** The offset that is to come next. */
  long readAt;
  /** A gap before this offset was looked into. */
  long seen;
  /** Whether the position may lie ahead of what there is. */
  boolean ahead;
  /** Whether something was delivered since it was told to go elsewhere: then what is before the position was there. */
  boolean delivered;
  boolean paused;
  /** Whether it is about to be handed over. */
  boolean revoking;
  /** How many messages are here and not delivered. */
  int here;
  /** Counts how often it was told to leave what is under way. */
  int rests;
  @Nullable Reader reader;

  Cursor(int partition, boolean first, StartAt start) {
    this.partition = partition;
    this.first = first;
    this.start = start;
  }

  void moveTo(long offset, boolean mayWait) {
    start = null;
    position = offset;
    readAt = offset;
    seen = offset;
    ahead = mayWait;
    delivered = false;
  }

  /** Leaves what is under way; what was read and not delivered is read again. */
  void rest() {
    rests++;
    here = 0;
    readAt = position;
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
