package dev.tributary.internal;

import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** An observation that cannot harm what it watches: whatever it throws is logged, and the operation goes on. */
record GuardedObservation(Observation observation) implements Observation {
  private static final System.Logger LOG = System.getLogger("dev.tributary.observe");

  /** Begins to watch; nothing is watched if that throws. */
  static Observation start(Instrumentation instrumentation, Operation operation) {
    try {
      return new GuardedObservation(instrumentation.start(operation));
    } catch (Throwable thrown) {
      threw(thrown);
      return NONE;
    }
  }

  private static void threw(Throwable thrown) {
    LOG.log(System.Logger.Level.WARNING, "An instrumentation threw, which it must not", thrown);
  }

  @Override
  public Map<String, String> headers() {
    try {
      return observation.headers();
    } catch (Throwable thrown) {
      threw(thrown);
      return Map.of();
    }
  }

  @Override
  public Scope makeCurrent() {
    try {
      Scope scope = observation.makeCurrent();
      return () -> close(scope);
    } catch (Throwable thrown) {
      threw(thrown);
      return () -> {};
    }
  }

  private static void close(Scope scope) {
    try {
      scope.close();
    } catch (Throwable thrown) {
      threw(thrown);
    }
  }

  @Override
  public void stored(String messageId, OptionalInt partition) {
    try {
      observation.stored(messageId, partition);
    } catch (Throwable thrown) {
      threw(thrown);
    }
  }

  @Override
  public void end(@Nullable Throwable error) {
    try {
      observation.end(error);
    } catch (Throwable thrown) {
      threw(thrown);
    }
  }
}
