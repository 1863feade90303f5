package dev.tributary.stream;

import dev.tributary.error.UndecodableException;
import java.util.Objects;
import java.util.function.Consumer;

/** What becomes of a message whose payload the codec cannot decode. */
public sealed interface OnUndecodable {
  /**
   * Ends the subscription, {@code forEach} or poll with the {@link UndecodableException}, which has the message's position: go on at the offset
   * after it if it is to be left out. The default, because the message would be lost else.
   */
  static OnUndecodable fail() {
    return Policy.FAIL;
  }

  /**
   * Leaves it out, and tells the listener, which runs on the callback executor in the message's turn; what it throws is logged. In a group
   * the message counts as processed.
   */
  static OnUndecodable skip(Consumer<? super UndecodableException> listener) {
    return new Skip(listener);
  }

  /**
   * Adds it to the dead letters of its stream, with {@code DEAD_LETTER_ADD}, as {@code DeadLetters.add} does. It counts as processed when that is
   * confirmed; if that fails, it ends the reading as {@link #fail} does.
   */
  static OnUndecodable deadLetter() {
    return Policy.DEAD_LETTER;
  }

  /**
   * Publishes it as it is, key and headers included, to this stream, with headers that say where it came from and why where the backend keeps
   * headers. It counts as processed when that is confirmed; if that fails, it ends the reading as {@link #fail} does.
   *
   * @param stream a name as in {@code Tributary.stream}
   */
  static OnUndecodable deadLetter(String stream) {
    return new DeadLetter(stream);
  }

  /** What needs no parameter. */
  enum Policy implements OnUndecodable {
    /** See {@link OnUndecodable#fail()}. */
    FAIL,
    /** See {@link OnUndecodable#deadLetter()}. */
    DEAD_LETTER
  }

  /** See {@link OnUndecodable#skip}. */
  record Skip(Consumer<? super UndecodableException> listener) implements OnUndecodable {
    public Skip {
      Objects.requireNonNull(listener, "listener");
    }
  }

  /** See {@link OnUndecodable#deadLetter(String)}. */
  record DeadLetter(String stream) implements OnUndecodable {
    public DeadLetter {
      Objects.requireNonNull(stream, "stream");
    }
  }
}
