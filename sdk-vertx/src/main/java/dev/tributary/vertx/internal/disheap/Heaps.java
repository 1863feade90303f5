package dev.tributary.vertx.internal.disheap;

import dev.tributary.ResourceName;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The heaps of a server: what they are called, and what is remembered of them. Thread-safe. */
final class Heaps {
  private static final int REMEMBERED = 10_000;
  private static final int LONGEST_NAME = 255;
  private static final int PAGE = 1_000;
  private static final int PAGES = 100;

  private final GrpcCaller caller;
  private final FlatNames names;
  private final Mode otherwise;
  private final Duration timeout;
  private final Map<ResourceName, Heap> known = new ConcurrentHashMap<>();

  /**
   * Heaps that are reached by this caller.
   *
   * @param otherwise the mode of heaps that the server does not tell about
   * @param timeout how long a look-up of a mode may take, whoever waits for it
   */
  Heaps(GrpcCaller caller, String tenant, String namespace, Mode otherwise, Duration timeout) {
    this.caller = caller;
    this.names = new FlatNames(tenant, namespace, LONGEST_NAME);
    this.otherwise = otherwise;
    this.timeout = timeout;
  }

  /**
   * Makes a call about a heap.
   *
   * <p>Nothing is sent for a name that the wire cannot say: there are servers that such a name ends.
   */
  <T> CompletableFuture<T> with(ResourceName queue, Function<Heap, CompletableFuture<T>> call) {
    return call.apply(of(queue));
  }

  /**
   * The heap of this queue.
   *
   * @throws InvalidRequestException if the wire cannot say its name
   */
  Heap of(ResourceName queue) {
    Heap heap = known.get(queue);
    if (heap == null) {
      Heap made = new Heap(names.flat(queue));
      if (known.size() >= REMEMBERED) {
        known.clear();
      }
      heap = known.computeIfAbsent(queue, first -> made);
    }
    return heap;
  }

  /** What a topic is called here. */
  ResourceName name(String topic) {
    return names.full(topic);
  }

  /** The mode that is assumed, and given to heaps that are made without saying. */
  Mode otherwise() {
    return otherwise;
  }

  /** Which end comes first. Asked once; whoever stops waiting for it stops nobody else. */
  CompletableFuture<Mode> mode(Heap heap) {
    Mode mode = heap.mode;
    if (mode != null) {
      return CompletableFuture.completedFuture(mode);
    }
    synchronized (heap) {
      CompletableFuture<Mode> asking = heap.asking;
      if (asking == null) {
        CompletableFuture<Mode> asked =
            Steps.map(
                caller.within(timeout, deadline -> find(heap.topic, deadline)), found -> found.map(Heaps::mode).orElse(otherwise));
        asking = asked;
        heap.asking = asked;
        asked.whenComplete((found, error) -> learned(heap, asked));
      }
      return asking.copy();
    }
  }

  private static void learned(Heap heap, CompletableFuture<Mode> asked) {
    synchronized (heap) {
      heap.asking = null;
      if (!asked.isCompletedExceptionally()) {
        heap.mode = asked.join();
      }
    }
  }

  /** As servers read it: every other number is MIN. */
  static Mode mode(HeapInfo info) {
    return info.getMode() == Mode.MAX ? Mode.MAX : Mode.MIN;
  }

  /** A call about the heap failed: one that is not there may be made anew, and otherwise. */
  static void failed(Heap heap, Throwable error) {
    if (Steps.unwrap(error) instanceof NotFoundException) {
      heap.mode = null;
    }
  }

  /** What the server tells about a heap; empty if nothing, which does not mean that there is none. */
  CompletableFuture<Optional<HeapInfo>> find(String topic, Deadline deadline) {
    return Steps.then(
        listed(topic, deadline),
        found ->
            found.isPresent()
                ? CompletableFuture.completedFuture(found)
                // There are servers that list only what was touched since their start.
                : Steps.then(exists(topic, deadline), exists -> exists ? listed(topic, deadline) : CompletableFuture.completedFuture(found)));
  }

  private CompletableFuture<Optional<HeapInfo>> listed(String topic, Deadline deadline) {
    return Steps.map(list(deadline), heaps -> Optional.ofNullable(heaps.get(topic)));
  }

  /** Whether there is one, which listings do not tell for sure. */
  CompletableFuture<Boolean> exists(String topic, Deadline deadline) {
    return exists(caller, topic, deadline);
  }

  static CompletableFuture<Boolean> exists(GrpcCaller caller, String topic, Deadline deadline) {
    PeekReq request = PeekReq.newBuilder().setTopic(topic).setLimit(1).build();
    return Steps.recover(
        look(caller.call(DisheapMethods.PEEK, request, deadline, peeked -> true)),
        NotFoundException.class,
        absent -> CompletableFuture.completedFuture(false));
  }

  /** A look changes nothing: the call that began with one that broke is as good as never made, and may be tried again. */
  private static <T> CompletableFuture<T> look(CompletableFuture<T> call) {
    return Steps.translate(
        call,
        error ->
            error instanceof ConnectionFailedException && error.maybeApplied()
                ? new ConnectionFailedException(ErrorInfo.of("a look at the queue broke off", error.hint()).causedBy(error))
                : error);
  }

  /** All that are listed, by topic. */
  CompletableFuture<Map<String, HeapInfo>> list(Deadline deadline) {
    return pages(new TreeMap<>(), "", 1, deadline);
  }

  private CompletableFuture<Map<String, HeapInfo>> pages(Map<String, HeapInfo> heaps, String token, int page, Deadline deadline) {
    ListHeapsReq request = ListHeapsReq.newBuilder().setPageSize(PAGE).setPageToken(token).build();
    return Steps.then(
        look(caller.call(DisheapMethods.LIST_HEAPS, request, deadline)),
        answer -> {
          // Pages may overlap.
          answer.getHeapsList().forEach(heap -> heaps.put(heap.getTopic(), heap));
          String next = answer.getNextPageToken();
          if (next.isEmpty()) {
            return CompletableFuture.completedFuture(heaps);
          }
          if (next.equals(token) || page == PAGES) {
            throw new ProtocolViolationException(ErrorInfo.of("the listing of heaps does not end after " + page + " pages", "Check the server's version"));
          }
          return pages(heaps, next, page + 1, deadline);
        });
  }
}
