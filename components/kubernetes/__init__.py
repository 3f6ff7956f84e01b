"""Components inside a cluster, the same for EKS and GKE: the caller passes the cluster's provider."""
