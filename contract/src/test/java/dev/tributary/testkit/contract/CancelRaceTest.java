package dev.tributary.testkit.contract;

import dev.tributary.JobQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A cancel at any moment ends its own call only. */
class CancelRaceTest {
  private static final int ROUNDS = 1000;
  private static final int LATEST_CANCEL_NANOS = 600_000;

  @Nested
  class FlowMesh extends Race {
    @Override
    protected Backend open() {
      return WireBackend.onVirtualTime("flowmesh");
    }
  }

  @Nested
  class Disheap extends Race {
    @Override
    protected Backend open() {
      return WireBackend.onVirtualTime("disheap");
    }
  }

  abstract static class Race extends QueueTopic {
    @Test
    void aCancelLeavesTheOtherCallsOfItsConnectionAlone() {
      JobQueue<String> queue = through(connect(), queue());
      Random random = new Random(1);
      for (int i = 0; i < ROUNDS; i++) {
        CompletableFuture<?> waiting = queue.reserve(PATIENTLY);
        long cancelAt = System.nanoTime() + random.nextInt(LATEST_CANCEL_NANOS);
        while (System.nanoTime() < cancelAt) {
          Thread.onSpinWait();
        }
        waiting.cancel(true);
        get(queue.enqueue("work"));
      }
    }
  }
}
