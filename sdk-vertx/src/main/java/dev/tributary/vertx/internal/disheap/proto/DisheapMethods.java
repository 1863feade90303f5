package dev.tributary.vertx.internal.disheap.proto;

import static dev.tributary.vertx.internal.net.grpc.Rpc.of;

import com.google.protobuf.Empty;
import dev.tributary.vertx.internal.net.grpc.Rpc;

/** The rpcs of Disheap, for the driver and for servers that speak its protocol. All are unary but {@link #POP_STREAM}. */
public final class DisheapMethods {
  private static final String DISHEAP = "disheap.v1.Disheap";

  public static final Rpc<MakeHeapReq, MakeHeapResp> MAKE_HEAP =
      of(DISHEAP, "MakeHeap", MakeHeapReq.getDefaultInstance(), MakeHeapResp.getDefaultInstance());
  public static final Rpc<DeleteHeapReq, Empty> DELETE_HEAP =
      of(DISHEAP, "DeleteHeap", DeleteHeapReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<UpdateHeapConfigReq, Empty> UPDATE_HEAP_CONFIG =
      of(DISHEAP, "UpdateHeapConfig", UpdateHeapConfigReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<ListHeapsReq, ListHeapsResp> LIST_HEAPS =
      of(DISHEAP, "ListHeaps", ListHeapsReq.getDefaultInstance(), ListHeapsResp.getDefaultInstance());
  public static final Rpc<StatsReq, StatsResp> STATS =
      of(DISHEAP, "Stats", StatsReq.getDefaultInstance(), StatsResp.getDefaultInstance());
  public static final Rpc<PurgeReq, Empty> PURGE =
      of(DISHEAP, "Purge", PurgeReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<MoveToDlqReq, Empty> MOVE_TO_DLQ =
      of(DISHEAP, "MoveToDLQ", MoveToDlqReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<EnqueueReq, EnqueueResp> ENQUEUE =
      of(DISHEAP, "Enqueue", EnqueueReq.getDefaultInstance(), EnqueueResp.getDefaultInstance());
  public static final Rpc<EnqueueBatchReq, EnqueueBatchResp> ENQUEUE_BATCH =
      of(DISHEAP, "EnqueueBatch", EnqueueBatchReq.getDefaultInstance(), EnqueueBatchResp.getDefaultInstance());
  /** Many questions, many answers. */
  public static final Rpc<PopOpen, PopItem> POP_STREAM =
      of(DISHEAP, "PopStream", PopOpen.getDefaultInstance(), PopItem.getDefaultInstance());
  public static final Rpc<AckReq, Empty> ACK =
      of(DISHEAP, "Ack", AckReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<NackReq, Empty> NACK =
      of(DISHEAP, "Nack", NackReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<ExtendReq, Empty> EXTEND =
      of(DISHEAP, "Extend", ExtendReq.getDefaultInstance(), Empty.getDefaultInstance());
  public static final Rpc<PeekReq, PeekResp> PEEK =
      of(DISHEAP, "Peek", PeekReq.getDefaultInstance(), PeekResp.getDefaultInstance());

  private DisheapMethods() {}
}
