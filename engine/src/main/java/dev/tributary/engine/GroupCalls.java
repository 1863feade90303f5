package dev.tributary.engine;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.ReceiveSpec;
import dev.tributary.spi.Settlement;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One client's leases of messages for groups. */
final class GroupCalls implements GroupTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  GroupCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(ResourceName stream, ReceiveSpec spec, Deadline deadline) {
    return connection.reading(stream).await(
        () -> {
          StreamLog log = engine.streams().use(stream);
          spec.partitions().forEach(log::partition);
          return WaitingReceive.of(connection, log.group(spec.group()).leases().shelf(spec), spec.maxWait());
        });
  }

  @Override
  public CompletableFuture<List<Outcome<Settled>>> settle(ResourceName stream, List<Settlement> settlements, Deadline deadline) {
    return connection.reading(stream).call(
        () -> {
          StreamLog log = engine.streams().use(stream);
          return settlements.stream().map(settlement -> settle(log, settlement)).toList();
        });
  }

  private static Outcome<Settled> settle(StreamLog log, Settlement settlement) {
    GroupLeases holder = log.holder(settlement.job().receipt());
    if (holder == null) {
      return Outcome.failed(
          new LeaseLostException(
              ErrorInfo.of(
                  "the message " + settlement.job().id() + " is no longer leased to this delivery",
                  "It was settled before, or its lease ended; extend leases in time")));
    } else if (settlement.kind() == Settlement.Kind.EXTEND && settlement.duration() == null) {
      return Outcome.failed(InvalidRequestException.of("an extension without a duration", "Say for how long"));
    }
    return Outcome.of(holder.settle(settlement.job().receipt(), settlement));
  }

  @Override
  public CompletableFuture<Stats> stats(ResourceName stream, String group, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.streams().use(stream).stats(group));
  }
}
