package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import org.jspecify.annotations.Nullable;

/** A request that is not served, and what its client is told. */
public class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable ErrorStyle style;
  private final boolean hangsUp;

  /** Said as errors of the operation are. */
  public Refusal(String text) {
    this(text, null, false);
  }

  /** Said in this style. */
  public Refusal(String text, ErrorStyle style) {
    this(text, style, false);
  }

  private Refusal(String text, @Nullable ErrorStyle style, boolean hangsUp) {
    super(text, null, false, false);
    this.style = style;
    this.hangsUp = hangsUp;
  }

  /** The connection ends without an answer. */
  public static Refusal hangUp() {
    return new Refusal("", null, true);
  }

  /** There is no such topic. */
  public static final class NoTopic extends Refusal {
    private static final long serialVersionUID = 1L;

    public NoTopic(String topic) {
      super("topic not found: " + topic);
    }
  }

  public static Refusal noPartition(int partition) {
    return new Refusal("partition " + partition + " not found");
  }

  public String text() {
    return String.valueOf(getMessage());
  }

  /** How it is said; null for as errors of the operation are. */
  public @Nullable ErrorStyle style() {
    return style;
  }

  public boolean hangsUp() {
    return hangsUp;
  }
}
