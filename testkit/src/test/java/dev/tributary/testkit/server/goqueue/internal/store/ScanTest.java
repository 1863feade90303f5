package dev.tributary.testkit.server.goqueue.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.admin.StreamConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Event;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ScanTest {
  private final VirtualTime time = new VirtualTime();
  private final Deadline deadline = Deadline.after(time, Duration.ofSeconds(30));
  private final ResourceName name = new ResourceName("default", "default", "orders");

  @Test
  void readsHoweverManyThereAre() {
    try (MemoryEngine engine = MemoryEngine.builder().time(time).build()) {
      Transport transport = engine.connect();
      transport.admin().orElseThrow().createStream(name, StreamConfig.DEFAULT, deadline).join();
      int batch = transport.limits().maxBatch();
      for (int i = 0; i < 3; i++) {
        List<Event<byte[]>> events = Collections.nCopies(batch, Event.of(new byte[0]));
        transport.streams().orElseThrow().publish(name, events, deadline).join();
      }
      List<Long> offsets = new ArrayList<>();
      Topics topics = new Topics(transport);
      Scan.of(topics, new Topic("orders", name, 1), 0, deadline, message -> offsets.add(message.offset())).join();
      assertThat(offsets).hasSize(3 * batch).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void failsWithWhatCannotBeRead() {
    try (MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build()) {
      CompletableFuture<Void> scan =
          Scan.of(new Topics(engine.connect()), new Topic("orders", name, 1), 0, deadline, message -> {});
      assertThat(scan).isCompletedExceptionally();
    }
  }

  @Test
  void failsWithWhatItsReaderThrows() {
    try (MemoryEngine engine = MemoryEngine.builder().time(time).build()) {
      Transport transport = engine.connect();
      transport.streams().orElseThrow().publish(name, List.of(Event.of(new byte[0])), deadline).join();
      CompletableFuture<Void> scan =
          Scan.of(
              new Topics(transport),
              new Topic("orders", name, 1),
              0,
              deadline,
              message -> {
                throw new IllegalStateException("no");
              });
      assertThat(scan).failsWithin(Duration.ZERO).withThrowableThat().havingCause().withMessage("no");
    }
  }
}
