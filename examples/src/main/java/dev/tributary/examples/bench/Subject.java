package dev.tributary.examples.bench;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** One way to call a server. All subjects make the same calls with the same payload over as many connections. */
public interface Subject extends AutoCloseable {
  /** Its name in the table. */
  String name();

  /** How a call of an operation of its backend is started; a call may complete with the number of things it did. */
  Supplier<? extends CompletionStage<?>> calls(Operation operation);

  /** Whether the SDK is compared with it. */
  default boolean handWritten() {
    return true;
  }

  @Override
  void close();
}
