package dev.tributary.testkit.server.flowmesh;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.GrpcFront;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.Sockets;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;

/** Both sides of a FlowMesh server: which rpc is served by what, and the sockets. */
final class FlowMeshService implements Protocol.Service, ServerFaults.Listener {
  private final ServerOptions options;
  private final GrpcFront grpc;
  private final HttpFront http;
  private final SubscribeRpc subscribe;
  private final Sockets sockets;

  FlowMeshService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.options = options;
    this.sockets = new Sockets(vertx, options);
    Metrics metrics = new Metrics();
    this.grpc = new GrpcFront(vertx, sockets.intake(), options, faults, Errors::rejection, rpc -> metrics.of(rpc)::ended);
    Catalog catalog = new Catalog(options.transport(), options.createOnFirstUse());
    HealthRpcs health = new HealthRpcs(options.transport().health());
    StreamRpcs streams = new StreamRpcs(catalog);
    QueueRpcs queues = new QueueRpcs(catalog, options);
    KeyValueRpcs stores = new KeyValueRpcs(catalog);
    SchemaRpcs schemas = new SchemaRpcs(catalog);
    ReplayRpcs replays = new ReplayRpcs(catalog, options);
    this.subscribe = new SubscribeRpc(catalog, streams, options.time());
    HttpRoutes routes = new HttpRoutes();
    new HttpSystem(catalog, health, metrics).on(routes);
    new HttpStreams(streams).on(routes);
    new HttpQueues(queues).on(routes);
    new HttpKeyValues(stores).on(routes);
    new HttpReplays(replays).on(routes);
    this.http = new HttpFront(new HttpSite(routes, metrics), sockets.intake(), options.time());
    health(health);
    streams(streams);
    queues(queues);
    stores(stores);
    schemas(schemas);
    replays(replays);
    faults.listen(this);
  }

  private void health(HealthRpcs health) {
    grpc.unary(FlowMeshMethods.HEALTH_CHECK, false, health::healthCheck);
    grpc.unary(FlowMeshMethods.READINESS_CHECK, false, health::readinessCheck);
  }

  private void streams(StreamRpcs streams) {
    grpc.unary(FlowMeshMethods.WRITE_EVENTS, true, streams::writeEvents);
    grpc.unary(FlowMeshMethods.READ_STREAM, true, streams::readStream);
    grpc.streaming(FlowMeshMethods.SUBSCRIBE, options.authOnSubscribe(), subscribe::begin);
    grpc.unary(FlowMeshMethods.COMMIT_OFFSET, true, streams::commitOffset);
    grpc.unary(FlowMeshMethods.GET_OFFSET, true, streams::getOffset);
    grpc.unary(FlowMeshMethods.GET_LATEST_OFFSET, true, streams::getLatestOffset);
    grpc.unary(FlowMeshMethods.GET_CONSUMER_GROUP_STATE, true, streams::getConsumerGroupState);
  }

  private void queues(QueueRpcs queues) {
    grpc.unary(FlowMeshMethods.ENQUEUE, true, queues::enqueue);
    grpc.unary(FlowMeshMethods.RESERVE, true, queues::reserve, queues::giveBack);
    grpc.unary(FlowMeshMethods.RECEIVE, true, queues::receive, queues::giveBack);
    grpc.unary(FlowMeshMethods.ACK, true, queues::ack);
    grpc.givingBack(FlowMeshMethods.NACK, true, queues::nack, queues::release);
    grpc.unary(FlowMeshMethods.GET_QUEUE_STATS, true, queues::getQueueStats);
    grpc.unary(FlowMeshMethods.SET_RETRY_POLICY, true, queues::setRetryPolicy);
    grpc.unary(FlowMeshMethods.GET_RETRY_POLICY, true, queues::getRetryPolicy);
    grpc.unary(FlowMeshMethods.LIST_DLQ_JOBS, true, queues::listDlqJobs);
    grpc.unary(FlowMeshMethods.REPLAY_DLQ_JOB, true, queues::replayDlqJob);
  }

  private void stores(KeyValueRpcs stores) {
    grpc.unary(FlowMeshMethods.SET, true, stores::set);
    grpc.unary(FlowMeshMethods.GET, true, stores::get);
    grpc.unary(FlowMeshMethods.DELETE, true, stores::delete);
    grpc.unary(FlowMeshMethods.EXISTS, true, stores::exists);
    grpc.unary(FlowMeshMethods.LIST_KEYS, true, stores::listKeys);
  }

  private void schemas(SchemaRpcs schemas) {
    grpc.unary(FlowMeshMethods.REGISTER_SCHEMA, true, schemas::registerSchema);
    grpc.unary(FlowMeshMethods.GET_SCHEMA, true, schemas::getSchema);
    grpc.unary(FlowMeshMethods.LIST_SCHEMAS, true, schemas::listSchemas);
    grpc.unary(FlowMeshMethods.DELETE_SCHEMA, true, schemas::deleteSchema);
    grpc.unary(FlowMeshMethods.SET_RESOURCE_SCHEMA, true, schemas::setResourceSchema);
  }

  private void replays(ReplayRpcs replays) {
    grpc.unary(FlowMeshMethods.CREATE_REPLAY_SESSION, true, replays::create);
    grpc.unary(FlowMeshMethods.GET_REPLAY_SESSION, true, replays::get);
    grpc.unary(FlowMeshMethods.LIST_REPLAY_SESSIONS, true, replays::list);
    grpc.unary(FlowMeshMethods.START_REPLAY, true, replays::start);
    grpc.unary(FlowMeshMethods.PAUSE_REPLAY, true, replays::pause);
    grpc.unary(FlowMeshMethods.RESUME_REPLAY, true, replays::resume);
    grpc.unary(FlowMeshMethods.STOP_REPLAY, true, replays::stop);
    grpc.unary(FlowMeshMethods.DELETE_REPLAY_SESSION, true, replays::delete);
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    return sockets
        .listen(grpc, grpc::closed, port)
        .compose(main -> sockets.listen(http, httpPort).map(side -> new Protocol.Ports(main, side)))
        .recover(failed -> close().transform(closed -> Future.failedFuture(failed)));
  }

  @Override
  public Future<Void> close() {
    return sockets.close();
  }

  @Override
  public String uri(String host, Protocol.Ports ports) {
    return "flowmesh://"
        + Sockets.address(host, ports.main())
        + "?flowmesh.http="
        + Sockets.address(host, ports.http())
        + (options.certificate() == null ? "" : "&tls=true");
  }

  @Override
  public void inBand(int status) {
    subscribe.inBand(status);
  }

  @Override
  public void cut(int status, String message) {
    subscribe.cut(new Rejection(GrpcStatus.valueOf(status), message));
  }

  @Override
  public void goAway() {
    sockets.goAway();
  }
}
