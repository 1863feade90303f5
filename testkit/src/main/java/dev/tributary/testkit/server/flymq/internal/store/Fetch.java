package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.stream.ReadResult;
import dev.tributary.vertx.internal.flymq.wire.Answers.Fetched;
import dev.tributary.vertx.internal.flymq.wire.Answers.FetchedRecord;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One look at a partition. It ends with as many records as were asked for, at the end, after so many that a filter looked at, or before the
 * answer is too large; what it looked at at all is then behind its next offset.
 */
final class Fetch {
  private static final int USUAL = 10;
  private static final int MOST_SCANNED = 1_000;
  /** A filter looks at every byte. */
  private static final int MOST_FILTERED_BYTES = 8 << 20;

  private final Topics topics;
  private final Executor workers;
  private final Topic topic;
  private final int partition;
  private final int max;
  private final @Nullable RecordFilter filter;
  private final int mostBytes;
  private final Deadline deadline;
  private final List<FetchedRecord> records = new ArrayList<>();
  private int scanned;
  private long bytes = Fetched.SIZE;
  private boolean over;

  Fetch(Topics topics, Executor workers, Topic topic, int partition, int max, String filter, Deadline deadline) {
    this.topics = topics;
    this.workers = workers;
    this.topic = topic;
    this.partition = partition;
    this.max = max <= 0 ? USUAL : Math.min(max, MOST_SCANNED);
    this.filter = filter.isEmpty() ? null : new RecordFilter(filter);
    this.mostBytes = filter.isEmpty() ? Frame.MOST_BYTES : MOST_FILTERED_BYTES;
    this.deadline = deadline;
  }

  CompletableFuture<Fetched> from(long offset) {
    int left = filter == null ? max - scanned : MOST_SCANNED - scanned;
    int wanted = Math.min(left, topics.transport().limits().maxReceive());
    return Steps.then(
        topics.streams().read(new ReadSpec(topic.stream(), partition, offset, wanted, mostBytes - bytes), deadline),
        read ->
            Steps.then(
                filter == null
                    ? CompletableFuture.completedFuture(look(read))
                    : CompletableFuture.supplyAsync(() -> look(read), workers),
                next ->
                    over || read.messages().isEmpty()
                        ? CompletableFuture.completedFuture(new Fetched(next, records))
                        : from(next)));
  }

  /** Takes what fits and is asked for, and says where to go on. */
  private long look(ReadResult<byte[]> read) {
    for (Message<byte[]> message : read.messages()) {
      byte[] key = Records.key(message);
      int size = FetchedRecord.SIZE + key.length + message.value().length;
      if (scanned > 0 && bytes + size > mostBytes) {
        over = true;
        return message.offset();
      }
      scanned++;
      bytes += size;
      if (filter == null || filter.accepts(key, message.value())) {
        records.add(new FetchedRecord(message.offset(), key, message.value()));
      }
      if (records.size() == max || scanned == MOST_SCANNED) {
        over = true;
        return message.offset() + 1;
      }
    }
    return read.next();
  }
}
