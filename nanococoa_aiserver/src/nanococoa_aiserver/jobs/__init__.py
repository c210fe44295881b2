"""Durable jobs: lanes, the ad as a workflow of checkpointed steps, progress and ETA, takeover of dead workers' jobs.

``service.JobService`` is what the API uses and imports neither numpy nor OpenCV; ``worker.run_worker`` runs the jobs.
"""
