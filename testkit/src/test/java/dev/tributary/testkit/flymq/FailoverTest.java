package dev.tributary.testkit.flymq;

import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.testkit.wire.FailoverCases;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Two servers of one engine, as two nodes that share what they store. */
class FailoverTest extends FailoverCases {
  private static final int PARTITIONS = 2;

  FailoverTest() {
    super("flymq", PARTITIONS);
  }

  @Override
  protected void create() throws Exception {
    passing.of(observer.admin().createStream("s", StreamConfig.partitions(PARTITIONS)));
  }

  @Override
  protected void store(String value) throws Exception {
    passing.of(stream().publish(value));
  }

  @Override
  protected List<String> stored() throws Exception {
    return events();
  }

  @Override
  protected CompletableFuture<?> touch(Tributary client) {
    return client.stream("s").partitions();
  }
}
