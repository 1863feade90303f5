package dev.tributary.vertx.internal.flowmesh.proto;

import static dev.tributary.vertx.internal.net.grpc.Rpc.of;

import dev.tributary.vertx.internal.net.grpc.Rpc;

/** The rpcs of FlowMesh, for the driver and for servers that speak its protocol. All are unary but {@link #SUBSCRIBE}. */
public final class FlowMeshMethods {
  private static final String HEALTH = "flowmesh.v1.HealthService";
  private static final String STREAM = "flowmesh.v1.StreamService";
  private static final String QUEUE = "flowmesh.v1.QueueService";
  private static final String KV = "flowmesh.v1.KVService";
  private static final String SCHEMA = "flowmesh.v1.SchemaService";
  private static final String REPLAY = "flowmesh.v1.ReplayService";

  public static final Rpc<HealthCheckRequest, HealthCheckResponse> HEALTH_CHECK =
      of(HEALTH, "HealthCheck", HealthCheckRequest.getDefaultInstance(), HealthCheckResponse.getDefaultInstance());
  public static final Rpc<ReadinessCheckRequest, ReadinessCheckResponse> READINESS_CHECK =
      of(HEALTH, "ReadinessCheck", ReadinessCheckRequest.getDefaultInstance(), ReadinessCheckResponse.getDefaultInstance());

  public static final Rpc<WriteEventsRequest, WriteEventsResponse> WRITE_EVENTS =
      of(STREAM, "WriteEvents", WriteEventsRequest.getDefaultInstance(), WriteEventsResponse.getDefaultInstance());
  public static final Rpc<ReadStreamRequest, ReadStreamResponse> READ_STREAM =
      of(STREAM, "ReadStream", ReadStreamRequest.getDefaultInstance(), ReadStreamResponse.getDefaultInstance());
  public static final Rpc<SubscribeRequest, SubscribeResponse> SUBSCRIBE =
      of(STREAM, "Subscribe", SubscribeRequest.getDefaultInstance(), SubscribeResponse.getDefaultInstance());
  public static final Rpc<CommitOffsetRequest, CommitOffsetResponse> COMMIT_OFFSET =
      of(STREAM, "CommitOffset", CommitOffsetRequest.getDefaultInstance(), CommitOffsetResponse.getDefaultInstance());
  public static final Rpc<GetOffsetRequest, GetOffsetResponse> GET_OFFSET =
      of(STREAM, "GetOffset", GetOffsetRequest.getDefaultInstance(), GetOffsetResponse.getDefaultInstance());
  public static final Rpc<GetLatestOffsetRequest, GetLatestOffsetResponse> GET_LATEST_OFFSET =
      of(STREAM, "GetLatestOffset", GetLatestOffsetRequest.getDefaultInstance(), GetLatestOffsetResponse.getDefaultInstance());
  public static final Rpc<GetConsumerGroupStateRequest, GetConsumerGroupStateResponse> GET_CONSUMER_GROUP_STATE =
      of(STREAM, "GetConsumerGroupState", GetConsumerGroupStateRequest.getDefaultInstance(), GetConsumerGroupStateResponse.getDefaultInstance());

  public static final Rpc<EnqueueRequest, EnqueueResponse> ENQUEUE =
      of(QUEUE, "Enqueue", EnqueueRequest.getDefaultInstance(), EnqueueResponse.getDefaultInstance());
  public static final Rpc<ReserveRequest, ReserveResponse> RESERVE =
      of(QUEUE, "Reserve", ReserveRequest.getDefaultInstance(), ReserveResponse.getDefaultInstance());
  public static final Rpc<ReceiveRequest, ReceiveResponse> RECEIVE =
      of(QUEUE, "Receive", ReceiveRequest.getDefaultInstance(), ReceiveResponse.getDefaultInstance());
  public static final Rpc<ACKRequest, ACKResponse> ACK =
      of(QUEUE, "ACK", ACKRequest.getDefaultInstance(), ACKResponse.getDefaultInstance());
  public static final Rpc<NACKRequest, NACKResponse> NACK =
      of(QUEUE, "NACK", NACKRequest.getDefaultInstance(), NACKResponse.getDefaultInstance());
  public static final Rpc<GetQueueStatsRequest, GetQueueStatsResponse> GET_QUEUE_STATS =
      of(QUEUE, "GetQueueStats", GetQueueStatsRequest.getDefaultInstance(), GetQueueStatsResponse.getDefaultInstance());
  public static final Rpc<SetRetryPolicyRequest, SetRetryPolicyResponse> SET_RETRY_POLICY =
      of(QUEUE, "SetRetryPolicy", SetRetryPolicyRequest.getDefaultInstance(), SetRetryPolicyResponse.getDefaultInstance());
  public static final Rpc<GetRetryPolicyRequest, GetRetryPolicyResponse> GET_RETRY_POLICY =
      of(QUEUE, "GetRetryPolicy", GetRetryPolicyRequest.getDefaultInstance(), GetRetryPolicyResponse.getDefaultInstance());
  public static final Rpc<ListDLQJobsRequest, ListDLQJobsResponse> LIST_DLQ_JOBS =
      of(QUEUE, "ListDLQJobs", ListDLQJobsRequest.getDefaultInstance(), ListDLQJobsResponse.getDefaultInstance());
  public static final Rpc<ReplayDLQJobRequest, ReplayDLQJobResponse> REPLAY_DLQ_JOB =
      of(QUEUE, "ReplayDLQJob", ReplayDLQJobRequest.getDefaultInstance(), ReplayDLQJobResponse.getDefaultInstance());

  public static final Rpc<SetRequest, SetResponse> SET =
      of(KV, "Set", SetRequest.getDefaultInstance(), SetResponse.getDefaultInstance());
  public static final Rpc<GetRequest, GetResponse> GET =
      of(KV, "Get", GetRequest.getDefaultInstance(), GetResponse.getDefaultInstance());
  public static final Rpc<DeleteRequest, DeleteResponse> DELETE =
      of(KV, "Delete", DeleteRequest.getDefaultInstance(), DeleteResponse.getDefaultInstance());
  public static final Rpc<ExistsRequest, ExistsResponse> EXISTS =
      of(KV, "Exists", ExistsRequest.getDefaultInstance(), ExistsResponse.getDefaultInstance());
  public static final Rpc<ListKeysRequest, ListKeysResponse> LIST_KEYS =
      of(KV, "ListKeys", ListKeysRequest.getDefaultInstance(), ListKeysResponse.getDefaultInstance());

  public static final Rpc<RegisterSchemaRequest, RegisterSchemaResponse> REGISTER_SCHEMA =
      of(SCHEMA, "RegisterSchema", RegisterSchemaRequest.getDefaultInstance(), RegisterSchemaResponse.getDefaultInstance());
  public static final Rpc<GetSchemaRequest, GetSchemaResponse> GET_SCHEMA =
      of(SCHEMA, "GetSchema", GetSchemaRequest.getDefaultInstance(), GetSchemaResponse.getDefaultInstance());
  public static final Rpc<ListSchemasRequest, ListSchemasResponse> LIST_SCHEMAS =
      of(SCHEMA, "ListSchemas", ListSchemasRequest.getDefaultInstance(), ListSchemasResponse.getDefaultInstance());
  public static final Rpc<DeleteSchemaRequest, DeleteSchemaResponse> DELETE_SCHEMA =
      of(SCHEMA, "DeleteSchema", DeleteSchemaRequest.getDefaultInstance(), DeleteSchemaResponse.getDefaultInstance());
  public static final Rpc<SetResourceSchemaRequest, SetResourceSchemaResponse> SET_RESOURCE_SCHEMA =
      of(SCHEMA, "SetResourceSchema", SetResourceSchemaRequest.getDefaultInstance(), SetResourceSchemaResponse.getDefaultInstance());

  public static final Rpc<CreateReplaySessionRequest, CreateReplaySessionResponse> CREATE_REPLAY_SESSION =
      of(REPLAY, "CreateReplaySession", CreateReplaySessionRequest.getDefaultInstance(), CreateReplaySessionResponse.getDefaultInstance());
  public static final Rpc<GetReplaySessionRequest, GetReplaySessionResponse> GET_REPLAY_SESSION =
      of(REPLAY, "GetReplaySession", GetReplaySessionRequest.getDefaultInstance(), GetReplaySessionResponse.getDefaultInstance());
  public static final Rpc<ListReplaySessionsRequest, ListReplaySessionsResponse> LIST_REPLAY_SESSIONS =
      of(REPLAY, "ListReplaySessions", ListReplaySessionsRequest.getDefaultInstance(), ListReplaySessionsResponse.getDefaultInstance());
  public static final Rpc<StartReplayRequest, StartReplayResponse> START_REPLAY =
      of(REPLAY, "StartReplay", StartReplayRequest.getDefaultInstance(), StartReplayResponse.getDefaultInstance());
  public static final Rpc<PauseReplayRequest, PauseReplayResponse> PAUSE_REPLAY =
      of(REPLAY, "PauseReplay", PauseReplayRequest.getDefaultInstance(), PauseReplayResponse.getDefaultInstance());
  public static final Rpc<ResumeReplayRequest, ResumeReplayResponse> RESUME_REPLAY =
      of(REPLAY, "ResumeReplay", ResumeReplayRequest.getDefaultInstance(), ResumeReplayResponse.getDefaultInstance());
  public static final Rpc<StopReplayRequest, StopReplayResponse> STOP_REPLAY =
      of(REPLAY, "StopReplay", StopReplayRequest.getDefaultInstance(), StopReplayResponse.getDefaultInstance());
  public static final Rpc<DeleteReplaySessionRequest, DeleteReplaySessionResponse> DELETE_REPLAY_SESSION =
      of(REPLAY, "DeleteReplaySession", DeleteReplaySessionRequest.getDefaultInstance(), DeleteReplaySessionResponse.getDefaultInstance());

  private FlowMeshMethods() {}
}
