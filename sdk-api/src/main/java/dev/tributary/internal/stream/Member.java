package dev.tributary.internal.stream;

import dev.tributary.ResourceName;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import org.jspecify.annotations.Nullable;

/** One stream of a consumer of several. What changes is guarded by the {@link Members}. */
final class Member<T> {
  final ResourceName name;
  /** Whether it was given by name: then it is an error if it does not exist. */
  final boolean named;
  private volatile @Nullable StreamConsumer<T> consumer;
  /** Whether the user was told that it is read. */
  boolean told;
  boolean leaving;
  /** Whether it was found again while it was leaving. */
  boolean again;
  /** How many looks in a row have not found it. */
  int missed;

  Member(ResourceName name, boolean named) {
    this.name = name;
    this.named = named;
  }

  void consumer(StreamConsumer<T> made) {
    consumer = made;
  }

  StreamConsumer<T> consumer() {
    StreamConsumer<T> made = consumer;
    if (made == null) {
      throw new IllegalStateException("the consumer of " + name + " is still being made");
    }
    return made;
  }

  /** Why it cannot be read on; null if it can. */
  @Nullable TributaryException end() {
    StreamConsumer<T> made = consumer;
    return made == null ? null : made.assignment.end();
  }

  /** Whether it was deleted, and may be. */
  boolean isGone() {
    return !named && end() instanceof NotFoundException;
  }
}
