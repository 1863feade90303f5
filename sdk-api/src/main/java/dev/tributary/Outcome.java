package dev.tributary;

import dev.tributary.error.TributaryException;
import org.jspecify.annotations.Nullable;

/**
 * The result of one item of a batch: a value or an error, never both.
 *
 * @param value what came of it; null if it failed
 * @param error why it failed; null if it did not
 */
public record Outcome<T>(@Nullable T value, @Nullable TributaryException error) {
  public Outcome {
    if ((value == null) == (error == null)) {
      throw new IllegalArgumentException("an outcome is either a value or an error");
    }
  }

  /** A success. */
  public static <T> Outcome<T> of(T value) {
    return new Outcome<>(value, null);
  }

  /** A failure. */
  public static <T> Outcome<T> failed(TributaryException error) {
    return new Outcome<>(null, error);
  }

  /** Whether there is a value. */
  public boolean succeeded() {
    return error == null;
  }

  /** The value. Throws the error if there is none. */
  public T orThrow() {
    if (value == null) {
      throw java.util.Objects.requireNonNull(error);
    }
    return value;
  }
}
