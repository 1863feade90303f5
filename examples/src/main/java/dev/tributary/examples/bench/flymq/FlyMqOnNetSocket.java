package dev.tributary.examples.bench.flymq;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.Names;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.Work;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * FlyMQ on bare sockets of Vert.x: as many connections as the SDK has, and the bytes of every record that is read. Whoever calls goes on where the answer
 * came in, as a verticle does; or, where a pool is given, in that, as users of futures do who are kept from event loops.
 */
final class FlyMqOnNetSocket implements Subject {
  private static final int PAGE = 1000;
  private static final int ANY_PARTITION = -1;
  private static final int MAGIC_AND_VERSION = 0xAF01;
  private static final int BINARY = 1;
  private static final int PRODUCE = 0x01;
  private static final int FETCH = 0x07;

  private final NetClient client;
  private final List<Pipeline> connections = new ArrayList<>();
  private final List<Buffer> produces = new ArrayList<>();
  private final int records;
  private final AtomicInteger turn = new AtomicInteger();
  private final @Nullable ExecutorService pool;

  FlyMqOnNetSocket(Vertx vertx, Endpoint server, Work work, @Nullable ExecutorService pool) {
    this.pool = pool;
    this.client = vertx.createNetClient();
    this.records = work.taken();
    for (String stream : Names.FOUR_STREAMS) {
      connections.add(await(Pipeline.connect(vertx, client, server)));
      produces.add(produce(stream, work.payload()));
    }
  }

  @Override
  public String name() {
    return pool == null ? "NetSocket" : "NetSocket, pool";
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    Supplier<? extends CompletionStage<?>> calls = onLoop(operation);
    ExecutorService there = pool;
    return there == null ? calls : () -> calls.get().thenRunAsync(() -> {}, there);
  }

  private Supplier<? extends CompletionStage<?>> onLoop(Operation operation) {
    Pipeline one = connections.get(0);
    return switch (operation) {
      case PUBLISH_ALONE, PUBLISH_ONE -> () -> one.call(produces.get(0)).toCompletionStage();
      case PUBLISH_TO_FOUR -> this::publishInTurn;
      case READ_PAGE -> {
        Buffer fetch = fetch(Names.STREAM, 0, "");
        yield () -> one.call(fetch).map(FlyMqOnNetSocket::read).toCompletionStage();
      }
      case SUBSCRIBE, SUBSCRIBE_SIDE_BY_SIDE -> () -> fetchAll(one, Names.STREAM, 0, "").toCompletionStage();
      case SUBSCRIBE_FILTERED -> () -> fetchAll(one, Names.MIXED_STREAM, 0, Work.TENTH).toCompletionStage();
      default -> throw new IllegalArgumentException(operation.label() + " is not measured of FlyMQ");
    };
  }

  private CompletionStage<?> publishInTurn() {
    int mine = Math.floorMod(turn.getAndIncrement(), connections.size());
    return connections.get(mine).call(produces.get(mine)).toCompletionStage();
  }

  private Future<Long> fetchAll(Pipeline connection, String stream, long offset, String filter) {
    return connection
        .call(fetch(stream, offset, filter))
        .compose(
            page -> {
              read(page);
              long next = page.getLong(Integer.BYTES);
              return next >= records ? Future.succeededFuture(next) : fetchAll(connection, stream, next, filter);
            });
  }

  private record FetchedRecord(long offset, byte[] key, byte[] value) {}

  private static List<FetchedRecord> read(Buffer page) {
    int count = page.getInt(0);
    List<FetchedRecord> records = new ArrayList<>(count);
    int at = Integer.BYTES + Long.BYTES;
    for (int i = 0; i < count; i++) {
      long offset = page.getLong(at);
      int keyAt = at + Long.BYTES + Integer.BYTES;
      int keyEnd = keyAt + page.getInt(keyAt - Integer.BYTES);
      int valueAt = keyEnd + Integer.BYTES;
      at = valueAt + page.getInt(keyEnd);
      records.add(new FetchedRecord(offset, page.getBytes(keyAt, keyEnd), page.getBytes(valueAt, at)));
    }
    return records;
  }

  private static Buffer produce(String stream, byte[] value) {
    return frame(PRODUCE, text(stream).appendInt(0).appendInt(value.length).appendBytes(value).appendInt(ANY_PARTITION));
  }

  private static Buffer fetch(String stream, long offset, String filter) {
    return frame(FETCH, text(stream).appendInt(0).appendLong(offset).appendInt(PAGE).appendBuffer(text(filter)));
  }

  private static Buffer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Buffer.buffer().appendUnsignedShort(bytes.length).appendBytes(bytes);
  }

  private static Buffer frame(int opcode, Buffer payload) {
    return Buffer.buffer()
        .appendUnsignedShort(MAGIC_AND_VERSION)
        .appendUnsignedByte((short) opcode)
        .appendUnsignedByte((short) BINARY)
        .appendInt(payload.length())
        .appendBuffer(payload);
  }

  @Override
  public void close() {
    connections.forEach(connection -> await(connection.close()));
    client.close();
    if (pool != null) {
      pool.shutdown();
    }
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
