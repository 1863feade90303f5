package dev.tributary.testkit.process;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Does a little of everything with a client and closes it. */
public final class UseOnce implements Consumer<String> {
  /** Loaded by its name. */
  public UseOnce() {}

  @Override
  public void accept(String uri) {
    byte[] value = "hello".getBytes(StandardCharsets.UTF_8);
    CountDownLatch handled = new CountDownLatch(1);
    try (Tributary client = Tributary.connect(uri)) {
      Set<Capability> can = client.capabilities();
      if (can.contains(Capability.CREATE_RESOURCES)) {
        client.admin().createQueue("q", QueueConfig.DEFAULT).join();
        if (can.contains(Capability.STREAMS)) {
          client.admin().createStream("s", StreamConfig.DEFAULT).join();
        }
      }
      if (can.contains(Capability.STREAMS)) {
        client.stream("s").publish(value).thenCompose(receipt -> client.stream("s").read(0, 0, 1)).join();
      }
      client.queue("q").enqueue(value).join();
      Worker worker = client.queue("q").worker(WorkerOptions.concurrency(1), job -> done(handled));
      handled.await();
      worker.close();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  private static CompletionStage<?> done(CountDownLatch handled) {
    handled.countDown();
    return CompletableFuture.completedFuture(null);
  }
}
